// Pages that stay plain forms: a double click sends once, and Enter goes on from anywhere.
for (const form of document.querySelectorAll("main form")) {
  form.addEventListener("submit", () => {
    // After the event: a disabled button would not be sent.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}

addEventListener("pageshow", (event) => event.persisted && location.reload());

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.closest("input, button, a, textarea, select")) return;
  document.querySelector("main form button[type=submit]")?.click();
});
