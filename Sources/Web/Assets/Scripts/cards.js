// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// One card's box on the page: made from the page's own template, patched in place, its size never changing.

import { fit } from "./says.js";

const ring = 600;
const afterFinger = 400;

export class Cards {
    /** @param board what cards need to know of their board: says, sprite, form, staleAt, isShared(card), link(id) */
    constructor(board) {
        this.board = board;
        this.template = document.getElementById("card-template");
        this.boxes = new Map();
        this.held = new Map();
        for (const element of document.querySelectorAll("[data-id]")) {
            this.boxes.set(Number(element.dataset.id), { element, item: element.closest("li"), shown: null });
        }
        this.#watchFingers();
    }

    /** The list item of a card, drawn as of now. */
    item(card) {
        let box = this.boxes.get(card.id);
        if (!box) {
            const item = this.template.content.firstElementChild.cloneNode(true);
            box = { element: item.firstElementChild, item, shown: null };
            box.element.id = `card-${card.id}`;
            box.element.dataset.id = card.id;
            this.boxes.set(card.id, box);
        }
        this.draw(card, false);
        return box.item;
    }

    /** Patches a card that is on the page; while a finger is on it, when the finger is gone. */
    draw(card, withRing) {
        const box = this.boxes.get(card.id);
        if (!box) return;
        if (this.held.has(card.id)) { this.held.set(card.id, { card, withRing }); return; }
        const { says, form, room, staleAt } = this.board;
        const key = `${card.stamp}|${Math.floor(says.now() / 60_000)}|${form}|${staleAt ?? ""}|${this.board.query}|${this.board.isShared(card)}`;
        if (box.shown === key) return;
        const isFirst = box.shown === null;
        box.shown = key;
        const { element } = box;
        const evidence = says.evidence(card);
        const word = says.word(card, staleAt !== null, form === "tiles" || form === "hall" || (form === "cards" && room < 200));
        const line = says.line(card, staleAt);
        const isChange = element.dataset.state !== card.availability || field(element, "word") !== word || field(element, "line") !== line;
        const given = form === "tiles" && this.board.isShared(card) && card.given_name.split(" ").find((part) => part && !part.endsWith("."));
        const name = given ? says.text("surnameGiven", { surname: card.surname, given }) : card.surname;
        const second = says.second(card, form);
        set(element, {
            name, second, word, line, evidence: evidence.text, evidenceSpoken: evidence.spoken,
            roomText: card.room ? says.text("room", { room: card.room }) : says.text("noRoom"),
            directions: card.directions ?? "", subjects: card.subjects ?? "",
            waitingText: card.waiting > 0 ? says.count("lineWaiting", card.waiting) : says.text("lineNobody"),
        });
        use(element, "mark", `${this.board.sprite}#${card.availability}`);
        use(element, "evidence", `${this.board.sprite}#${evidence.icon}`);
        put(element, "data-state", card.availability);
        if (box.item) put(element, "data-fit", fit(name, second, evidence.text, form, this.board.room));
        if (element.localName === "a") {
            put(element, "href", this.board.link(card.id));
            put(element, "aria-label", says.label(card, word, line, evidence.spoken));
        }
        element.removeAttribute("data-gone");
        if (withRing && isChange && !isFirst) this.#ring(element);
    }

    /** Somebody left: the place stays, and says nothing, until the board is next arranged. */
    blank(id) {
        const box = this.boxes.get(id);
        if (!box) return;
        box.element.toggleAttribute("data-gone", true);
        box.shown = null;
    }

    #ring(element) {
        element.toggleAttribute("data-changed", true);
        setTimeout(() => element.removeAttribute("data-changed"), ring);
    }

    #watchFingers() {
        let down = null;
        addEventListener("pointerdown", (event) => {
            const id = Number(event.target.closest?.("[data-id]")?.dataset.id);
            if (!id) return;
            down = id;
            if (!this.held.has(id)) this.held.set(id, null);
        }, { capture: true, passive: true });
        const up = () => {
            if (down === null) return;
            const id = down;
            down = null;
            setTimeout(() => {
                if (down === id) return;
                const waiting = this.held.get(id);
                this.held.delete(id);
                if (waiting) this.draw(waiting.card, waiting.withRing);
            }, afterFinger);
        };
        for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, up, { capture: true, passive: true });
    }
}

function field(element, name) { return element.querySelector(`[data-field="${name}"]`)?.textContent; }

function set(element, texts) {
    for (const node of element.querySelectorAll("[data-field]")) {
        const text = texts[node.dataset.field];
        if (text !== undefined && node.textContent !== text) node.textContent = text;
    }
}

function use(element, name, href) {
    const node = element.querySelector(`[data-use="${name}"]`);
    if (node) put(node, "href", href);
}

function put(element, name, value) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
