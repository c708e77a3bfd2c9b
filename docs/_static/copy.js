// A button on every block of code. Of a session at a terminal it copies the commands alone.
"use strict";

function commandsOf(block) {
  const prompts = block.querySelectorAll(".gp");
  if (!prompts.length) return block.textContent.replace(/\n$/, "");
  const lines = block.textContent.split("\n");
  const kept = [];
  let goesOn = false;
  for (const line of lines) {
    if (line.startsWith("$ ")) kept.push(line.slice(2));
    else if (goesOn) kept.push(line);
    goesOn = (line.startsWith("$ ") || goesOn) && line.endsWith("\\");
  }
  return kept.join("\n");
}

document.addEventListener("DOMContentLoaded", () => {
  for (const block of document.querySelectorAll("div.highlight")) {
    const code = block.querySelector("pre");
    if (!code) continue;
    const button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(commandsOf(code));
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.append(button);
  }
});
