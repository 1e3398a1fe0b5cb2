// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// A living board or sheet: shows what the event stream says, and says when it has fallen silent.

import { Cards } from "./cards.js";
import { columnsOf, pageKeys, roving } from "./keys.js";
import { letters } from "./letters.js";
import { People } from "./people.js";
import { Says } from "./says.js";
import { Stream } from "./stream.js";

const rest = 20_000;
const turn = 12_000;
const typingPause = 500;

const { head, cards: firstCards } = JSON.parse(document.getElementById("board-data").textContent);
// How long a kiosk stays as its last reader left it.
const kioskRest = head.kioskRest * 1000;
const root = document.documentElement;
const find = (id) => document.getElementById(id);

// The server's clock: its last beat, and what has passed since by a clock that nobody sets.
const clock = { base: head.now, at: performance.now(), speed: head.speed };
const now = () => clock.base + (performance.now() - clock.at) * clock.speed;

const says = new Says(head.words, head.zone, head.zoneOffset, now);
const people = new People(head, firstCards);
const isBoard = head.page === "board";
const isHall = head.layout === "hall";

// Addresses as the server writes them: what isn't the default, in one order.
const order = ["at", "department", "show", "q", "page", "lang", "size"];
const chosen = () => ({
    department: head.department, show: people.show === "everyone" ? null : people.show, q: people.text,
    page: people.page > 1 ? people.page : null, lang: head.language, size: head.size === 100 ? null : head.size,
});
const encoded = (value) => encodeURIComponent(value).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
const address = (path, change = {}) => {
    const values = { ...chosen(), ...change };
    const fields = order.filter((name) => values[name]).map((name) => `${name}=${encoded(values[name])}`);
    return fields.length ? `${path}?${fields.join("&")}` : path;
};

// A kiosk goes back to the board's address as it was started: the one that no page of ours led to.
const here = () => new URL(address(head.path), location.href).href;
const home = head.layout === "kiosk" ? kioskHome() : null;
function kioskHome() {
    const fallback = new URL(head.department ? `/kiosk?department=${encoded(head.department)}` : "/kiosk", location.href).href;
    try {
        if (isBoard && !document.referrer.startsWith(location.origin)) sessionStorage.setItem("home", here());
        return sessionStorage.getItem("home") ?? fallback;
    } catch { return fallback; }
}
/** Whether a reader has left anything behind. */
function isAway() {
    return !isBoard || here() !== home || scrollY > 0 || Boolean(field?.value) || find("departments")?.open || find("keys")?.open;
}

const board = {
    says, sprite: head.sprite, room: head.cardRoom, staleAt: head.staleAt ?? null, query: address(""),
    get form() { return isBoard ? people.form : "sheet"; },
    isShared: (card) => people.isShared(card),
    link: (id) => address(`/faculty/${id}`, { at: head.layout === "kiosk" ? "kiosk" : null }),
};
const cards = new Cards(board);

// ---- drawing

const list = find("people");
const peopleKeys = list && !isHall ? roving(list, () => [...list.querySelectorAll(".card")].filter((card) => !card.hasAttribute("data-gone")), columnsOf) : null;
const filter = document.querySelector(".segmented");
const filterKeys = filter ? roving(filter, () => [...filter.querySelectorAll("a")], () => 1) : null;

function text(node, value) { if (node && node.textContent !== value) node.textContent = value; }

/** Draws the whole arrangement: after the reader's own act, at rest, and when a hall's page turns. */
function drawBoard() {
    if (!isBoard || !people.isWhole) { for (const card of people.cards.values()) cards.draw(card, false); drawCounts(); return; }
    board.query = address("");
    const shown = people.shown();
    const focused = document.activeElement?.dataset?.id;
    const items = shown.map((card) => cards.item(card));
    if (items.length !== list.children.length || items.some((item, at) => item !== list.children[at])) list.replaceChildren(...items);
    if (list.dataset.form !== people.form) list.dataset.form = people.form;
    list.hidden = shown.length === 0;
    if (focused && document.activeElement === document.body) find(`card-${focused}`)?.focus();
    drawEmpty(shown.length === 0);
    drawPages();
    drawCounts();
    peopleKeys?.settle();
    filterKeys?.settle();
    if (!isHall) history.replaceState(null, "", address(head.path) + location.hash);
    for (const link of document.querySelectorAll("[data-keep]")) {
        const name = link.dataset.keep;
        link.href = address(head.path, { [name]: new URL(link.href).searchParams.get(name) });
    }
}

function drawCounts() {
    const counts = people.counts;
    for (const link of document.querySelectorAll("[data-show]")) {
        const { show } = link.dataset;
        if (people.isWhole) link.toggleAttribute("aria-current", show === people.show);
        if (link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
        const isPast = board.staleAt !== null && show !== "everyone";
        text(link.querySelector(".label"), says.text(isPast ? { here: "wasHere", available: "wasAvailable" }[show] : show));
        if (people.isWhole) text(link.querySelector(".count"), String(counts[show]));
        link.querySelector(".count").hidden = isPast;
        if (people.isWhole) link.href = address(head.path, { show: show === "everyone" ? null : show, page: null });
    }
    if (isHall && people.isWhole) {
        const values = { place: head.place ?? "", available: counts.available, everyone: counts.everyone };
        const summary = says.text(head.place ? "placeAvailableOf" : "availableOf", values);
        text(find("summary"), counts.everyone ? summary : values.place);
    }
}

function drawEmpty(isEmpty) {
    const empty = find("empty");
    empty.hidden = !isEmpty;
    if (!isEmpty) return;
    const action = find("empty-action");
    const say = (sentence, label, change) => {
        text(find("empty-text"), sentence);
        if (!action) return;
        action.hidden = !label;
        text(action, label ?? "");
        action.href = address(head.path, change);
    };
    if (people.text && people.cards.size) say(says.text("emptyNoMatch", { text: people.text }), says.text("clearSearch"), { q: null, page: null });
    else if (!people.cards.size && head.department) say(says.text("emptyDepartment", { department: head.department }), says.text("showEveryone"), { department: null });
    else if (!people.cards.size) say(says.text("emptyBeingSetUp"), null, {});
    else say(says.text(people.show === "available" ? "emptyNobodyAvailable" : "emptyNobodyHere"), says.text("showEveryone"), { show: null, page: null });
}

function drawPages() {
    const { pages, page } = people;
    if (isHall) {
        text(find("turn"), pages > 1 ? says.text("pageOf", { page, pages }) : "");
        const bars = find("bars");
        const wanted = pages > 1 && pages <= 8 ? pages : 0;
        while (bars.children.length > wanted) bars.lastChild.remove();
        while (bars.children.length < wanted) bars.append(bar());
        [...bars.children].forEach((node, at) => node.firstElementChild.setAttribute("href", `${head.sprite}#${at + 1 === page ? "bar-now" : "bar"}`));
        return;
    }
    const range = (number) => {
        const shown = people.shown(number);
        const [first, last] = [guideWord(shown[0]?.surname ?? ""), guideWord(shown.at(-1)?.surname ?? "")];
        return first === last ? first : says.text("pageRange", { first, last });
    };
    const link = (number, label, isCurrent) => ({ number, label, isCurrent });
    const wanted = pages === 1 ? [] : pages <= 4 ? Array.from({ length: pages }, (_, at) => link(at + 1, range(at + 1), at + 1 === page)) : [
        link(page > 1 ? page - 1 : pages, says.text("previousPage"), false), link(null, range(page), true),
        link(page < pages ? page + 1 : 1, says.text("nextPage"), false),
    ];
    const nav = find("pages");
    const at = [...nav.children].indexOf(document.activeElement);
    nav.replaceChildren(...wanted.map(({ number, label, isCurrent }) => {
        const node = document.createElement(number === null ? "span" : "a");
        node.textContent = label;
        if (number === null) { node.className = "range"; return node; }
        node.href = address(head.path, { page: number === 1 ? null : number });
        node.dataset.turn = number;
        if (isCurrent) node.setAttribute("aria-current", "page");
        return node;
    }));
    if (at >= 0) nav.children[Math.min(at, nav.children.length - 1)]?.focus();
}

/** A long surname's part before its hyphen, as dictionaries head their pages. */
function guideWord(surname) { return [...surname].length > 16 ? surname.split("-").find(Boolean) ?? surname : surname; }

function bar() {
    const space = "http://www.w3.org/2000/svg";
    const node = document.createElementNS(space, "svg");
    node.setAttribute("class", "bar");
    node.append(document.createElementNS(space, "use"));
    return node;
}

// ---- the live line, which is also the banner

let isHeard = false;
// Until the server is heard, a page that it has drawn as not live has its reason.
const whyNotLive = board.staleAt === null ? "notLiveWhy" : "notLiveNoData";
function drawLive() {
    text(find("clock"), says.clock(now()));
    if (isHall) text(find("date"), says.today());
    if (board.staleAt !== null) {
        text(find("live-word"), says.text("notLive"));
        text(find("live-text"), says.text(isHeard ? "notLiveWhy" : whyNotLive, { time: says.clock(board.staleAt), age: says.fineAge(board.staleAt) }));
    } else if (isHeard) {
        text(find("live-word"), says.text("live"));
        const age = now() - people.changedAt;
        const changed = age < 5000 ? says.text("changedNow") : says.text("changed", { age: says.fineAge(people.changedAt) });
        text(find("live-text"), isHall || !people.changedAt ? "" : `· ${changed}`);
    }
    for (const id of ["reload", "reload-rail"]) {
        const link = find(id);
        if (link) link.hidden = board.staleAt === null;
    }
}

function announce(sentence) { find("announce").textContent = sentence; }

const stream = new Stream(
    head.department ?? "",
    (after) => {
        const list = new URLSearchParams();
        if (after) list.set("after", after);
        if (head.department) list.set("department", head.department);
        return `/api/v1/events?${list}`;
    },
    head.revision,
    board.staleAt !== null,
    {
        frame(kind, data, isNewPast) {
            isHeard = true;
            if (kind === "beat") {
                Object.assign(clock, { base: data.now, at: performance.now(), speed: data.speed ?? 1 });
                return;
            }
            const changed = new Set();
            for (const card of data.cards ?? []) {
                if (!people.isWhole && !people.cards.has(card.id)) continue;
                changed.add(card.id);
                people.put(card);
            }
            const gone = kind === "snapshot" ? [...people.cards.keys()].filter((id) => !changed.has(id)) : data.removed ?? [];
            for (const id of gone) { people.remove(id); cards.blank(id); }
            if (changed.size && kind === "change") people.changedAt = now();
            // A new past is patched in one step and without rings; who stands where waits for rest, as ever.
            for (const id of changed) cards.draw(people.cards.get(id), kind === "change" && !isNewPast);
            drawCounts();
            needsArranging = true;
        },
        silent() {
            board.staleAt = clock.base + (stream.heardAt - clock.at) * clock.speed;
            root.toggleAttribute("data-stale", true);
            redraw();
            announce(says.text("notLive"));
        },
        heard() {
            board.staleAt = null;
            root.removeAttribute("data-stale");
            redraw();
            announce(says.text("liveAgain"));
        },
    });

/** Every card that is on the page, in its place. */
function redraw() {
    for (const card of isBoard ? people.shown() : people.cards.values()) cards.draw(card, false);
    drawCounts();
    drawLive();
}

// ---- the reader's own acts, and rest

let needsArranging = false;
let actedAt = performance.now();
let turnedAt = performance.now();
let typing = 0;
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchmove"]) {
    addEventListener(kind, () => { actedAt = performance.now(); }, { capture: true, passive: true });
}

/** An act of the reader's: what they chose, arranged anew. */
function act(change) {
    Object.assign(people, change);
    people.arrange();
    needsArranging = false;
    drawBoard();
}

const field = find("find");
const panel = field && head.layout === "kiosk" ? letters(field, says) : null;
function clear() {
    if (field.value || people.text) { field.value = ""; act({ text: "", page: 1 }); } else field.blur();
    panel?.close();
}
if (isBoard && people.isWhole && !isHall) {
    field.addEventListener("input", () => {
        act({ text: field.value.trim().slice(0, 80), page: 1 });
        clearTimeout(typing);
        typing = setTimeout(() => announce(people.list.length ? says.count("resultCount", people.list.length) : find("empty-text").textContent), typingPause);
    });
    field.form.addEventListener("submit", (event) => {
        event.preventDefault();
        list.querySelector(".card")?.focus();
    });
    document.addEventListener("click", (event) => {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const link = event.target.closest("[data-show], [data-turn], #empty-action");
        if (!link || (link.id === "empty-action" && !people.cards.size)) return;
        event.preventDefault();
        if (link.dataset.show) act({ show: link.dataset.show, page: 1 });
        else if (link.dataset.turn) act({ page: Number(link.dataset.turn) });
        else {
            const to = new URL(link.href).searchParams;
            field.value = to.get("q") ?? "";
            act({ text: field.value, show: to.get("show") ?? "everyone", page: 1 });
            field.focus();
        }
    });
}
pageKeys({ find: field, menu: find("departments"), back: find("back"), help: find("keys"), clear });

function tick() {
    drawLive();
    const moment = performance.now();
    // Not without contact: the page would be replaced by the browser's own error.
    if (home && moment - actedAt >= kioskRest && board.staleAt === null && isAway()) {
        actedAt = moment;
        location.replace(home);
        return;
    }
    if (isHall && moment - turnedAt >= turn) {
        turnedAt = moment;
        if (!people.isWhole) { location.replace(address(head.path, { page: people.page + 1 })); return; }
        act({ page: people.page % people.pages + 1 });
    } else if (isBoard && !isHall && people.isWhole && moment - actedAt >= rest) {
        if (head.layout === "kiosk" && (people.text || field.value)) {
            field.value = "";
            panel?.close();
            act({ text: "", page: 1 });
        } else if (needsArranging) act({});
    }
    // Ages turn with the minute; a card that says the same is left alone.
    for (const card of isBoard ? people.shown() : people.cards.values()) cards.draw(card, false);
}
setInterval(tick, 500);

drawBoard();
drawLive();
if (location.hash.startsWith("#card-")) find(location.hash.slice(1))?.focus({ preventScroll: false });
