// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// The event stream, and what may be believed of it.

import { OwnSource, SharedSource } from "./source.js";

const silence = 4000;
/** How long a hidden page keeps its part of the browser's stream, and how long one with a stream of its own does. */
const hiddenRest = { shared: 60_000, own: 1000 };

/** `lineage-n` as its parts; null where it isn't one. */
export function tag(text) {
    const match = /^([a-z0-9]{8,32})-(\d{1,16})$/.exec(text ?? "");
    return match && { lineage: match[1], number: Number(match[2]), text };
}

/**
 * Opens the stream and keeps it open while the page is visible. After an error or four seconds of silence it closes
 * the stream and tries again one to five seconds later, at a random moment, so that clients don't reconnect together. A
 * hidden page closes the stream after a while, says that it is not live, and asks for the missed changes once it is
 * visible again.
 *
 * It never passes on a state older than the last one, and a state of another lineage only if it is whole.
 */
export class Stream {
    /**
     * @param {string} scope what pages have in common that can share a stream
     * @param {(after: string | null) => string} address
     * @param {string} revision the revision that the page shows
     * @param {boolean} isSilent whether the page begins as one that has lost contact
     * @param {{frame(kind: string, data: object, isNewPast: boolean): void, silent(): void, heard(): void}} listener
     */
    constructor(scope, address, revision, isSilent, listener) {
        const source = {
            event: (kind, text) => this.#take(kind, text), failed: () => this.#again(),
            shown: () => this.shown, giveWay: () => this.#rest(),
        };
        const isShared = SharedSource.isPossible();
        this.source = isShared ? new SharedSource(scope, address, source) : new OwnSource(address, source);
        this.hiddenRest = isShared ? hiddenRest.shared : hiddenRest.own;
        this.isOpen = false;
        this.shown = tag(revision);
        this.listener = listener;
        this.isSilent = isSilent;
        this.attempt = 0;
        this.heardAt = performance.now();
        this.watch = setInterval(() => this.#look(), 250);
        document.addEventListener("visibilitychange", () => this.#turn());
        addEventListener("pageshow", (event) => { if (event.persisted) this.#turn(); });
        addEventListener("pagehide", () => this.#close());
        this.#turn();
    }

    /** The page was shown or hidden. */
    #turn() {
        clearTimeout(this.hiding);
        if (document.visibilityState === "hidden") {
            if (this.isOpen) this.hiding = setTimeout(() => this.#rest(), this.hiddenRest);
        } else if (this.isOpen) this.#look();
        else this.#open();
    }

    /** A hidden page lets go. What it shows is not live from now on. */
    #rest() {
        this.#close();
        if (!this.isSilent) { this.isSilent = true; this.listener.silent(); }
    }

    #open() {
        clearTimeout(this.retry);
        this.openedAt = performance.now();
        this.isOpen = true;
        this.source.open(this.shown?.text ?? null);
    }

    #close() {
        clearTimeout(this.retry);
        clearTimeout(this.hiding);
        this.isOpen = false;
        this.source.close();
    }

    #again(wait = 1000 + Math.random() * Math.min(4000, 500 * 2 ** this.attempt)) {
        if (!this.isOpen) return;
        clearTimeout(this.retry);
        this.attempt = Math.min(this.attempt + 1, 6);
        this.openedAt = Infinity;
        this.retry = setTimeout(() => this.#open(), wait);
    }

    #take(kind, text) {
        let data;
        try { data = JSON.parse(text || "{}"); } catch { return; }
        if (kind === "reset") {
            // Another past, or too far behind: what follows is whole.
            this.shown = null;
            this.#heard();
            this.isReset = true;
            if (!Array.isArray(data.cards)) return;
            kind = "snapshot";
        }
        const revision = tag(data.revision);
        if (!revision) return;
        const isSamePast = this.shown?.lineage === revision.lineage;
        if (isSamePast && revision.number < this.shown.number) return;
        // Asked for by another page of this browser, which was behind.
        if (isSamePast && kind === "change" && revision.number === this.shown.number) { this.#heard(); return; }
        if (!isSamePast && kind !== "snapshot") {
            // A number of another past says nothing about ours: ask for everything. A beat before the snapshot waits.
            if (this.shown) { this.shown = null; this.#again(); }
            return;
        }
        if (kind !== "beat") this.shown = revision;
        const isNewPast = !isSamePast || this.isReset === true;
        if (kind === "snapshot") this.isReset = false;
        this.listener.frame(kind, data, isNewPast);
        this.#heard();
    }

    #heard() {
        this.heardAt = performance.now();
        this.attempt = 0;
        if (this.isSilent) { this.isSilent = false; this.listener.heard(); }
    }

    #look() {
        const now = performance.now();
        if (now - this.heardAt > silence && !this.isSilent) { this.isSilent = true; this.listener.silent(); }
        if (this.isOpen && now - Math.max(this.heardAt, this.openedAt) > silence) this.#again();
    }
}
