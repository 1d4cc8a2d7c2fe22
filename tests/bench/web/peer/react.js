import { createElement } from "react";
import { createRoot } from "react-dom/client";

export { useEffect, useRef, useState } from "react";

export const render = (component, properties, root) =>
  createRoot(root).render(createElement(component, properties));
