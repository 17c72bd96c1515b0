import { render } from "preact";

render(<p>whitelight studio</p>, document.getElementById("app")!);
