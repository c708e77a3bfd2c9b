(() => {
  const search = document.getElementById("search");
  if (!search) return;
  const found = document.getElementById("found");
  const rows = [...document.querySelectorAll(".example")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const look = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, place) => {
      const fits = words.every((word) => texts[place].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    found.textContent = words.length ? `${count} of ${found.dataset.all}` : found.dataset.all;
  };
  search.parentElement.hidden = false;
  search.addEventListener("input", look);
  look();
})();
