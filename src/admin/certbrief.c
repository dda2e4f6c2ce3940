#include "admin/certbrief.h"

#include "admin/output.h"

#include "base/text.h"

#include <stdlib.h>

json_t *
certbrief(const struct cert *c)
{
	char *serial = text_hex_sep(cert_serial(c), ':'), *sha256 = text_hex(cert_sha256(c));
	char expires[TEXT_TIME_MAX];
	json_t *o = json_pack("{s:o, s:o, s:s, s:s, s:s}", "subject",
	    output_string(span_str(cert_subject_cucm(c))), "issuer",
	    output_string(span_str(cert_issuer_cucm(c))), "serial", serial, "sha256", sha256,
	    "expires", text_time(cert_not_after(c), expires));

	free(serial);
	free(sha256);
	return o;
}
