// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// The board by keyboard alone: one tab stop for the people and one for the filter, arrows within.

/** Makes a group one tab stop. `items` finds its members in order. */
export function roving(container, items, columns) {
    let chosen = null;
    const choose = (item) => {
        chosen = item;
        for (const other of items()) other.tabIndex = other === item ? 0 : -1;
    };
    container.addEventListener("focusin", (event) => {
        const item = items().find((other) => other.contains(event.target));
        if (item) choose(item);
    });
    container.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const list = items();
        const at = list.indexOf(document.activeElement);
        if (at < 0) return;
        const across = columns(list);
        const to = {
            ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: list.length - 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = list[to];
        if (next) { choose(next); next.focus(); }
    });
    return {
        /** After the members changed: exactly one of them can be reached. */
        settle() {
            const list = items();
            choose(list.find((item) => item === document.activeElement) ?? list.find((item) => item.hasAttribute("aria-current"))
                ?? list.find((item) => item === chosen) ?? list[0]);
        },
    };
}

/** How many boxes stand beside each other. */
export function columnsOf(list) {
    const top = list[0]?.offsetTop;
    const next = list.findIndex((item) => item.offsetTop !== top);
    return next < 0 ? list.length : next;
}

/** Keys of the whole page: `/` search, `Esc` back, `?` the list of keys. */
export function pageKeys({ find, menu, back, help, clear }) {
    addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
        const isTyping = event.target.matches?.("input, textarea, select");
        if (event.key === "Escape") {
            if (menu?.open) { menu.open = false; menu.querySelector("summary").focus(); event.preventDefault(); return; }
            if (find && (isTyping || find.value)) { event.preventDefault(); clear(); return; }
            if (back) { event.preventDefault(); back.click(); }
        } else if (event.key === "/" && !isTyping && find) {
            event.preventDefault();
            find.focus();
            find.select();
        } else if (event.key === "?" && !isTyping && help) {
            event.preventDefault();
            help.showModal();
        }
    });
    // A menu closes when the reader goes elsewhere.
    addEventListener("pointerdown", (event) => { if (menu?.open && !menu.contains(event.target)) menu.open = false; });
    menu?.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
}
