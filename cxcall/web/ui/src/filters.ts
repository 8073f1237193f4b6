// <form class="filters" method="get">: the address says only what was asked for, so that it can be read and passed on.

document.addEventListener("formdata", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "get" || !form.classList.contains("filters")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
