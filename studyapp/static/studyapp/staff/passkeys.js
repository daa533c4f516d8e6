/* What the browser refuses is said on the page; the sentences stand there already. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const isAboutTheAddress = event.detail.exception.name === "SecurityError";
  document.getElementById("passkey-address").hidden = !isAboutTheAddress;
  document.getElementById("passkey-trouble").hidden = isAboutTheAddress;
});
