// Put into the head of RabbitMQ's own page, after its scripts. The proxy signs in with every request (handler.py), but
// the page asks for a login unless it thinks that it has one: it gets one that is none.

{
  const NOBODY = ":";
  if (typeof set_auth_pref === "function") {
    // RabbitMQ 3.10 and before.
    set_auth_pref(NOBODY);
  } else {
    const inEightHours = new Date(Date.now() + 8 * 60 * 60 * 1000);
    clear_local_pref("session_expiry");
    set_auth("Basic", btoa(NOBODY), inEightHours);
  }

  // Who logs out is taken to the site's "/" from RabbitMQ 4 on, which here is Jupyter's.
  window.go_to_home = () => location.reload();

  // A link names a virtual host; once it is selected, what a person selects counts, also after a reload.
  const address = new URL(location.href);
  if (address.searchParams.has("vhost")) {
    store_pref("vhost", address.searchParams.get("vhost"));
    address.searchParams.delete("vhost");
    history.replaceState(null, "", address);
  }
}
