// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// Who is shown where: an arrangement that only the reader's own act, or rest, may change.

import { folded } from "./says.js";

const hallOrder = ["available", "in-consultation", "busy", "away", "out", "unknown"];
const here = new Set(["available", "busy", "in-consultation"]);

/** The scope's cards, their order, and the page of them that is drawn. */
export class People {
    constructor(head, cards) {
        this.layout = head.layout;
        this.size = head.size;
        this.pageSize = head.pageSize;
        this.form = head.form;
        this.isWhole = head.whole;
        this.show = head.show;
        this.text = head.text;
        this.page = head.pageNumber;
        this.cards = new Map();
        this.list = [];
        this.stamp = 0;
        for (const card of cards) this.put(card);
        this.changedAt = Math.max(0, ...cards.map((card) => Date.parse(card.since ?? "") || 0));
        this.arrange();
    }

    /** Takes a card as it now is. */
    put(card) {
        card.stamp = this.stamp += 1;
        card.hay = folded([card.name, card.room, card.subjects].filter(Boolean).join(" "));
        this.cards.set(card.id, card);
        this.totals = null;
    }

    remove(id) {
        this.cards.delete(id);
        this.totals = null;
    }

    /** Counts of the scope, whatever is searched for; they change at once. */
    get counts() {
        if (!this.totals) {
            const totals = { everyone: this.cards.size, here: 0, available: 0 };
            const surnames = new Map();
            for (const card of this.cards.values()) {
                if (here.has(card.availability)) totals.here += 1;
                if (card.availability === "available") totals.available += 1;
                surnames.set(card.surname, (surnames.get(card.surname) ?? 0) + 1);
            }
            this.totals = totals;
            this.surnames = surnames;
        }
        return this.totals;
    }

    isShared(card) { return this.counts && this.surnames.get(card.surname) > 1; }

    /** Computes membership and order anew. */
    arrange() {
        const needles = folded(this.text).split(" ").filter(Boolean);
        let list = [...this.cards.values()].filter((card) => this.#includes(card) && needles.every((needle) => card.hay.includes(needle)));
        list.sort(bySurname);
        if (this.layout === "hall") list = hallOrder.flatMap((state) => list.filter((card) => card.availability === state));
        this.list = list.map((card) => card.id);
        if (this.layout === "kiosk" && this.size === 100) {
            const isDense = this.cards.size > 45;
            [this.form, this.pageSize] = isDense ? ["tiles", 20] : ["cards", 9];
        }
        this.page = Math.min(Math.max(1, this.page), this.pages);
    }

    get pages() { return Math.max(1, Math.ceil(this.list.length / this.pageSize)); }

    /** The cards of one page; whoever has left meanwhile is missing. */
    shown(page = this.page) {
        return this.list.slice((page - 1) * this.pageSize, page * this.pageSize).map((id) => this.cards.get(id)).filter(Boolean);
    }

    #includes(card) {
        if (this.show === "here") return here.has(card.availability);
        return this.show === "everyone" || card.availability === "available";
    }
}

function bySurname(left, right) {
    return compare(left.sort_key, right.sort_key) || left.id - right.id;
}

function compare(left, right) { return left < right ? -1 : left > right ? 1 : 0; }
