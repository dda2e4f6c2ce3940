#include "phone/phone_status.h"

#include "base/text.h"
#include "phone/phone_get.h"
#include "pki/digest.h"

#include <jansson.h>
#include <stdlib.h>

#define NAME_SHOWN 160

static json_t *
text_value(char *owned)
{
	json_t *v = json_string(owned);

	free(owned);
	return v;
}

static json_t *
name_value(struct span name)
{
	char shown[NAME_SHOWN];

	return json_string(text_printable(name, shown, sizeof shown));
}

static json_t *
hash_value(enum digest_kind kind, struct span s)
{
	struct digest d;

	return digest_of(kind, s, &d, NULL) ? text_value(text_hex(digest_span(&d))) : json_null();
}

static json_t *
record_value(const struct trustlist_record *r)
{
	const char *function = function_name(r->function);

	return json_pack("{s:o, s:o, s:o}", "function",
	    function != NULL ? json_string(function) : json_integer(r->function), "subject",
	    name_value(r->subject), "serial", text_value(text_hex(r->serial)));
}

/* null: not installed. The phone shows MD5 and SHA-1 of the whole file (files.md 11). */
static json_t *
list_value(const struct phone_list *l)
{
	json_t *records;

	if (!l->held)
		return json_null();
	records = json_array();
	for (size_t i = 0; i < l->list.count; i++)
		json_array_append_new(records, record_value(&l->list.records[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:b, s:o}", "bytes", (json_int_t)l->file.n, "md5",
	    hash_value(DIGEST_MD5, bytes_span(&l->file)), "sha1",
	    hash_value(DIGEST_SHA1, bytes_span(&l->file)), "signer",
	    name_value(l->list.env.signer_name), "empty", trust_eval_list_is_empty(&l->list),
	    "records", records);
}

static json_t *
tvs_value(const struct handset *h)
{
	json_t *servers = json_array();

	for (size_t i = 0; h->has_config && i < h->config.tvs_count; i++) {
		const struct phonecfg_server *s = &h->config.tvs[i];

		json_array_append_new(
		    servers, json_pack("{s:s, s:i}", "host", s->host, "port",
				 (int)(s->port != 0 ? s->port : h->options->tvs_port)));
	}
	return servers;
}

static json_t *
identity_value(const struct cert *c)
{
	char expires[TEXT_TIME_MAX];

	if (c == NULL)
		return json_null();
	text_time(cert_not_after(c), expires);
	return json_pack("{s:s, s:s, s:o, s:s, s:s}", "subject", cert_subject_cucm(c), "issuer",
	    cert_issuer_cucm(c), "serial", text_value(text_hex(cert_serial(c))), "key",
	    cert_key_text(c), "expires", expires);
}

/* How the configuration came in this boot; null: none did. */
static json_t *
fetched_value(const struct handset *h)
{
	if (h->config_form == NULL)
		return json_null();
	return json_pack(
	    "{s:s, s:s}", "form", h->config_form, "via", phone_via_name(h->config_via));
}

static json_t *
status_value(const struct handset *h)
{
	json_t *messages = json_array();

	for (size_t i = 0; i < h->console.status_count; i++)
		json_array_append_new(messages, json_string(h->console.status[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:s, s:o, s:o, s:o}", "name",
	    h->options->device.name, "model", h->options->model, "ctl", list_value(&h->ctl), "itl",
	    list_value(&h->itl), "configuration", h->has_config, "fetched", fetched_value(h), "tvs",
	    tvs_value(h), "lsc_status", h->lsc != NULL ? "Installed" : "Not Installed", "lsc",
	    identity_value(h->lsc), "mic", identity_value(h->mic), "status_messages", messages);
}

static const char *
member(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s != NULL ? s : "";
}

static void
print_list(FILE *out, const char *what, const json_t *list)
{
	const json_t *records = json_object_get(list, "records");

	if (json_is_null(list)) {
		fprintf(out, "%s: Not Installed\n", what);
		return;
	}
	fprintf(out, "%s: Installed%s, %lld bytes, signed by %s\n", what,
	    json_is_true(json_object_get(list, "empty")) ? " (empty)" : "",
	    (long long)json_integer_value(json_object_get(list, "bytes")), member(list, "signer"));
	fprintf(out, "  MD5 %s\n  SHA1 %s\n", member(list, "md5"), member(list, "sha1"));
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *r = json_array_get(records, i);

		fprintf(out, "  %-10s %s\n", member(r, "function"), member(r, "subject"));
	}
}

static void
print_text(const json_t *status, FILE *out)
{
	const json_t *tvs = json_object_get(status, "tvs"), *lsc = json_object_get(status, "lsc"),
		     *messages = json_object_get(status, "status_messages");

	fprintf(out, "%s (CP-%s)\n", member(status, "name"), member(status, "model"));
	print_list(out, "CTL", json_object_get(status, "ctl"));
	print_list(out, "ITL", json_object_get(status, "itl"));
	fprintf(out, "Configuration: %s\n",
	    json_is_true(json_object_get(status, "configuration")) ? "held" : "none");
	for (size_t i = 0; i < json_array_size(tvs); i++) {
		const json_t *s = json_array_get(tvs, i);

		fprintf(out, "TVS server %zu: %s port %lld\n", i + 1, member(s, "host"),
		    (long long)json_integer_value(json_object_get(s, "port")));
	}
	fprintf(out, "LSC: %s\n", member(status, "lsc_status"));
	if (!json_is_null(lsc))
		fprintf(out, "  %s, %s\n  issued by %s\n  serial %s, expires %s\n",
		    member(lsc, "subject"), member(lsc, "key"), member(lsc, "issuer"),
		    member(lsc, "serial"), member(lsc, "expires"));
	fprintf(out, "Status messages:\n");
	for (size_t i = 0; i < json_array_size(messages); i++)
		fprintf(out, "  %s\n", json_string_value(json_array_get(messages, i)));
}

void
phone_status_print(const struct handset *h, bool json, FILE *out)
{
	json_t *status = status_value(h);

	if (json) {
		json_dumpf(status, out, JSON_INDENT(2));
		fputc('\n', out);
	} else
		print_text(status, out);
	json_decref(status);
}
