// The link of management_link.py. Jupyter's pages say in their head at which address the server is; others do not, and
// then there is no link: the text above it says where the management UI is.

function baseOfJupyter() {
  const config = document.getElementById("jupyter-config-data");
  const base = config && JSON.parse(config.textContent).baseUrl;
  return base && new URL(base, location.origin);
}

function render({ model, el }) {
  const url = model.get("url");
  const base = baseOfJupyter();
  if (!url && !base) return;
  const root = element("div", "fanout-management", "management-link");
  const link = element("a", "");
  link.textContent = "Open it in a browser tab";
  link.href = url || new URL(model.get("path"), base);
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  keepKeys(link);
  root.append(link);
  el.append(root);
}

export default live(render);
