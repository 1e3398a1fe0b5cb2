// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// Letters on the screen of a kiosk, which has no other keyboard: they come when a finger touches the search field.

const pages = [["qwertyuiop", "asdfghjklñ", "zxcvbnm"], ["1234567890", "-.'&/()@,:", "áéíóúü–"]];

/** @param says for the labels of the wide keys */
export function letters(field, says) {
    // The system's own keyboard would cover the board.
    field.inputMode = "none";
    const panel = document.createElement("div");
    panel.className = "letters";
    panel.hidden = true;
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", says.text("letters"));
    let page = 0;

    const type = (change) => {
        field.value = change(field.value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const key = (label, className, act) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = className;
        button.textContent = label;
        button.tabIndex = -1;
        button.addEventListener("click", act);
        panel.append(button);
    };
    const draw = () => {
        panel.replaceChildren();
        for (const row of pages[page]) for (const letter of row) key(letter, "letter", () => type((text) => text + letter));
        key(says.text("erase"), "erase", () => type((text) => [...text].slice(0, -1).join("")));
        key(page === 0 ? "123" : "abc", "wide", () => { page = 1 - page; draw(); });
        key(says.text("space"), "space", () => type((text) => `${text} `));
        key(says.text("done"), "done", () => close());
    };
    const close = () => { panel.hidden = true; field.blur(); };

    draw();
    document.querySelector("main").append(panel);
    // The field keeps the focus while letters are pressed.
    panel.addEventListener("pointerdown", (event) => event.preventDefault());
    field.closest(".field").addEventListener("pointerdown", () => { panel.hidden = false; });
    field.addEventListener("blur", () => { panel.hidden = true; });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") panel.hidden = true; });
    return { close };
}
