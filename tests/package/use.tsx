// Compiled, never run: the React component as users of the package may write it.
import { useRef } from "react";
import { Reprieve, type ReprieveRef } from "@reprieve/widget/react";

export function Billing() {
  const reprieve = useRef<ReprieveRef>(null);
  return (
    <>
      <Reprieve
        ref={reprieve}
        origin="https://reprieve.example.com"
        getToken={async () => "token"}
        theme="dark"
        onRecovered={({ amount_minor }) => amount_minor?.toFixed()}
      />
      <button onClick={() => reprieve.current?.open("cancel")}>Cancel</button>
      {/* @ts-expect-error the origin is missing */}
      <Reprieve tokenUrl="/token" />
      {/* @ts-expect-error the component has a place of its own */}
      <Reprieve origin="https://reprieve.example.com" container="#here" />
    </>
  );
}
