#include "daemon/commands.h"

#include "base/mem.h"
#include "pki/cert.h"

#include <stdlib.h>

static void
add_certificate(json_t *to, const struct cert *cert)
{
	char *pem = cert_to_pem(cert);

	json_object_set_new(to, "subject", json_text(cert_subject_cucm(cert)));
	json_object_set_new(to, "issuer", json_text(cert_issuer_cucm(cert)));
	json_object_set_new(to, "serial", json_hex(cert_serial(cert)));
	json_object_set_new(to, "expires", json_time(cert_not_after(cert)));
	json_object_set_new(to, "pem", json_string(pem));
	free(pem);
}

/* What does not read as a certificate is shown as it came: that is what was looked for. */
static bool
add_fetched(void *arg, const struct store_fetched *f)
{
	struct cert *cert = cert_parse(f->der, NULL);
	json_t *one = json_pack("{s:s, s:o, s:o}", "kind", f->is_mic ? "mic" : "lsc", "at",
	    json_time(f->at), "der", json_hex(f->der));

	if (cert != NULL)
		add_certificate(one, cert);
	cert_free(cert);
	json_array_append_new(arg, one);
	return true;
}

bool
command_phone_fetched(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct device d;
	struct phone p;
	bool found;

	if (!device_parse(span_str(args_text(args, "name")), &d, e) ||
	    !store_phone_get(s, d.name, &p, &found, e))
		return false;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no phone %s", d.name);
	*result = json_array();
	if (store_fetched_each(s, d.name, add_fetched, *result, e))
		return true;
	json_decref(*result);
	return false;
}
