// The organisation picker: an ARIA 1.2 combobox over three inputs (what was typed, the code, what it was chosen for).

const WAIT = 150;
let numbered = 0;

export function pickers(root) {
  root.querySelectorAll("[data-picker]").forEach((picker) => {
    if (!picker.dataset.ready) start(picker);
  });
}

function start(picker) {
  picker.dataset.ready = "yes";
  const input = picker.querySelector("input[type=text]");
  const chosenFor = picker.querySelector(`input[name="${input.name}_for"]`);
  const list = document.createElement("ul");
  list.className = "bl-picker__list";
  list.id = `picker-${++numbered}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Organisations");
  list.hidden = true;
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  let at = -1;
  let timer;
  let asked = 0;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const open = () => {
    options().forEach((option, index) => {
      option.id = `${list.id}-${index}`;
      option.setAttribute("aria-selected", "false");
    });
    list.hidden = list.children.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  };
  const mark = (index) => {
    const all = options();
    if (!all.length) return;
    at = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    all[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[at].id);
  };
  const setCode = (code) => {
    let field = picker.querySelector(`input[type=hidden][name="${input.name}_code"]`);
    if (!field) {
      picker.querySelector(".bl-picker__found")?.remove();
      field = document.createElement("input");
      field.type = "hidden";
      field.name = `${input.name}_code`;
      picker.append(field);
    }
    field.value = code;
  };
  const choose = (option) => {
    input.value = option.dataset.name;
    chosenFor.value = option.dataset.name;
    setCode(option.dataset.code);
    close();
    picker.dispatchEvent(new CustomEvent("organisation-chosen", { bubbles: true, detail: { code: option.dataset.code } }));
  };
  const ask = async () => {
    const words = input.value.trim();
    if (words.length < 2) return close();
    const mine = ++asked;
    const answer = await fetch(`${input.dataset.search}?q=${encodeURIComponent(words)}`, { credentials: "same-origin" });
    if (!answer.ok || mine !== asked) return;
    list.innerHTML = await answer.text();
    open();
  };

  input.addEventListener("input", () => {
    setCode("");
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  // A column of a spreadsheet: a box of one line would run the names together. Saving gives each a row.
  input.addEventListener("paste", (event) => {
    const names = (event.clipboardData?.getData("text") ?? "").split(/[\t\r\n;]+/).map((name) => name.trim()).filter(Boolean);
    if (names.length < 2 || !picker.closest("#partners")) return;
    event.preventDefault();
    input.value = names.join("; ");
    setCode("");
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && input.value.trim()) { event.preventDefault(); ask(); }
      return;
    }
    if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(at - 1); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); choose(options()[at]); }
    else if (event.key === "Escape") { event.preventDefault(); close(); }
    else if (event.key === "Tab") close();
  });
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); choose(option); }
  });
  input.addEventListener("blur", close);
}
