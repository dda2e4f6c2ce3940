#include "daemon/certjson.h"

#include "daemon/commands.h"
#include "pki/certview.h"

#include <stdlib.h>

#define DAY_S 86400

json_t *
certjson(const struct cert *c, time_t now)
{
	char *pem = cert_to_pem(c), *issuer = certview_issuer_name(c);
	json_t *j = json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "subject",
	    json_text(cert_subject_cucm(c)), "common_name", json_text(cert_common_name(c)),
	    "issuer", json_text(cert_issuer_cucm(c)), "issued_by",
	    json_text(issuer != NULL ? issuer : ""), "self_signed", certview_is_self_signed(c),
	    "serial", json_hex(cert_serial(c)));

	json_object_update_new(
	    j, json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:s}", "not_before",
		   json_time(cert_not_before(c)), "not_after", json_time(cert_not_after(c)),
		   "days_left", (json_int_t)((cert_not_after(c) - now) / DAY_S), "key",
		   cert_key_text(c), "sha1", json_hex(cert_sha1(c)), "sha256",
		   json_hex(cert_sha256(c)), "pem", pem));
	free(pem);
	free(issuer);
	return j;
}

static json_t *
extensions(const struct cert *c)
{
	struct certview_extension x;
	json_t *all = json_array();

	for (size_t i = 0; certview_extension(c, i, &x); i++) {
		json_array_append_new(
		    all, json_pack("{s:o, s:b, s:o}", "name", json_text(x.name), "critical",
			     x.critical, "value", json_text(x.value)));
		certview_extension_free(&x);
	}
	return all;
}

void
certjson_add_details(json_t *to, const struct cert *c)
{
	json_object_update_new(
	    to, json_pack("{s:I, s:s, s:s, s:I, s:o}", "version", (json_int_t)certview_version(c),
		    "signature_algorithm", certview_signature_algorithm(c), "key_algorithm",
		    cert_is_rsa(c) ? "RSA" : "EC", "key_bits", (json_int_t)cert_key_bits(c),
		    "extensions", extensions(c)));
}
