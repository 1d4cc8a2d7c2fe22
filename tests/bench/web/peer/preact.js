import { h, render as draw } from "preact";

export { useEffect, useRef, useState } from "preact/hooks";

export const render = (component, properties, root) => draw(h(component, properties), root);
