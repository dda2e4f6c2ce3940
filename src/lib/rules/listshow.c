#include "rules/listshow.h"

#include "base/text.h"
#include "pki/digest.h"
#include "rules/showtext.h"
#include "rules/signedfile.h"

#include <stdlib.h>

static const char *
kind_name(enum listshow_kind kind)
{
	return kind == LISTSHOW_CTL ? "CTL" : "ITL";
}

enum listshow_kind
listshow_kind_of(struct span file)
{
	struct trustlist list;
	enum listshow_kind kind;

	if (!trustlist_parse(file, &list, NULL))
		return LISTSHOW_ITL;
	kind = trustlist_is_ctl(&list) ? LISTSHOW_CTL : LISTSHOW_ITL;
	trustlist_free(&list);
	return kind;
}

void
listshow_missing(enum listshow_kind kind, struct wr *out)
{
	const char *name = kind_name(kind);

	showtext_line(out, "Length of %s file: 0", name);
	showtext_line(out, "%s File not found. %s", name,
	    kind == LISTSHOW_CTL
		? "Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL "
		  "file."
		: "To generate an ITL file, activate or restart the Cisco TFTP service as this "
		  "servers.");
	showtext_line(out, "Error parsing the %s File.", name);
}

static bool
show_checksum(
    enum digest_kind digest, const char *name, struct span file, struct wr *out, struct err *e)
{
	struct digest d;
	char *hex;

	if (!digest_of(digest, file, &d, e))
		return false;
	hex = text_hex(digest_span(&d));
	showtext_line(out, "%s(%s)", hex, name);
	free(hex);
	return true;
}

static bool
show_top(const char *name, struct span file, const char *modified, struct wr *out, struct err *e)
{
	showtext_line(out, "The checksum value of the %s file:", name);
	if (!show_checksum(DIGEST_MD5, "MD5", file, out, e) ||
	    !show_checksum(DIGEST_SHA1, "SHA1", file, out, e))
		return false;
	showtext_line(out, "\nLength of %s file: %zu", name, file.n);
	showtext_line(out, "The %s File was last modified on %s\n", name, modified);
	showtext_line(out, "Parse %s File\n----------------\n", name);
	return true;
}

/* Bytes of a header element's value, of a box those of the length field itself; 0 for what is not
 * printed in a row: version and length stand above, tag 28 nowhere (files.md 1.2). */
static size_t
header_length(const struct envelope *env, uint8_t tag)
{
	switch (tag) {
	case ENVELOPE_SIGNER:
	case ENVELOPE_SIGNATURE_INFO:
	case ENVELOPE_ALGORITHM_INFO:
		return 2;
	case ENVELOPE_SIGNER_NAME:
		return env->signer_name.n + 1;
	case ENVELOPE_SERIAL:
		return env->serial.n;
	case ENVELOPE_ISSUER:
		return env->issuer.n + 1;
	case ENVELOPE_DIGEST:
	case ENVELOPE_ALGORITHM:
	case ENVELOPE_MODULUS:
		return 1;
	case ENVELOPE_SIGNATURE:
		return env->signature.n;
	case ENVELOPE_FILENAME:
		return env->filename.n + 1;
	case ENVELOPE_TIMESTAMP:
		return sizeof env->timestamp;
	default:
		return 0;
	}
}

static void
show_header_row(const struct envelope *env, uint8_t tag, struct wr *out)
{
	size_t length = header_length(env, tag);

	if (length == 0)
		return;
	showtext_row(out, tag, envelope_tag_name(tag), length);
	if (tag == ENVELOPE_SIGNER)
		showtext_end_text(out, "%zu", showtext_signer_length(env));
	else if (tag == ENVELOPE_SIGNER_NAME)
		showtext_end_name(out, env->signer_name);
	else if (tag == ENVELOPE_SERIAL)
		showtext_end_serial(out, env->serial);
	else if (tag == ENVELOPE_ISSUER)
		showtext_end_name(out, env->issuer);
	else if (tag == ENVELOPE_SIGNATURE_INFO)
		showtext_end_text(out, "%d", SHOWTEXT_SIGNATURE_INFO);
	else if (tag == ENVELOPE_ALGORITHM_INFO)
		showtext_end_text(out, "%d", SHOWTEXT_ALGORITHM_INFO);
	else
		showtext_end(out);
	if (tag == ENVELOPE_SIGNATURE)
		showtext_hex_rows(out, env->signature);
}

static void
show_header(const struct envelope *env, struct wr *out)
{
	showtext_version(out, env);
	wr_u8(out, '\n');
	showtext_columns(out);
	for (size_t i = 0; i < env->order_count; i++)
		show_header_row(env, env->order[i], out);
}

static void
show_function(uint16_t function, struct wr *out)
{
	const char *name = function_name(function);

	if (function == FUNCTION_SAST)
		showtext_end_text(out, "System Administrator Security Token");
	else if (name != NULL)
		showtext_end_text(out, "%s", name);
	else
		showtext_end_text(out, "%u", function);
}

/* An empty one is printed blank, whatever its bytes are. */
static void
show_dns_name(struct span value, struct wr *out)
{
	while (value.n > 0 && (value.p[value.n - 1] == 0 || value.p[value.n - 1] == ' '))
		value.n--;
	showtext_end_name(out, value);
}

static void
show_certificate(struct span der, struct wr *out)
{
	struct digest d;
	char *hex;

	if (!digest_of(DIGEST_SHA1, der, &d, NULL)) {
		showtext_end(out);
		return;
	}
	hex = text_hex_sep(digest_span(&d), ' ');
	showtext_end_text(out, "%s (SHA1 Hash HEX)", hex);
	free(hex);
}

static void
show_hash(struct span hash, struct wr *out)
{
	char *hex = text_hex_sep(hash, ' ');

	showtext_end_text(out, "%s", hex);
	free(hex);
}

static void
show_hash_algorithm(uint8_t algorithm, struct wr *out)
{
	if (algorithm == ENVELOPE_SHA1)
		showtext_end_text(out, "SHA-1");
	else if (algorithm == ENVELOPE_SHA512)
		showtext_end_text(out, "SHA-512");
	else
		showtext_end_text(out, "null");
}

static const char *const record_names[] = {
	[TRUSTLIST_RECORD_LENGTH] = "RECORDLENGTH",
	[TRUSTLIST_DNS_NAME] = "DNSNAME",
	[TRUSTLIST_SUBJECT] = "SUBJECTNAME",
	[TRUSTLIST_FUNCTION] = "FUNCTION",
	[TRUSTLIST_ISSUER] = "ISSUERNAME",
	[TRUSTLIST_SERIAL] = "SERIALNUMBER",
	[TRUSTLIST_PUBLIC_KEY] = "PUBLICKEY",
	[TRUSTLIST_SIGNATURE] = "SIGNATURE",
	[TRUSTLIST_CERTIFICATE] = "CERTIFICATE",
	[TRUSTLIST_IP_ADDRESS] = "IPADDRESS",
	[TRUSTLIST_CERT_HASH] = "CERTHASH",
	[TRUSTLIST_HASH_ALGORITHM] = "HASH ALGORITHM",
};

static size_t
record_length(const struct trustlist_record *r, enum trustlist_tag tag)
{
	switch (tag) {
	case TRUSTLIST_RECORD_LENGTH:
	case TRUSTLIST_FUNCTION:
		return 2;
	case TRUSTLIST_DNS_NAME:
		return r->dns_name.n;
	case TRUSTLIST_SUBJECT:
		return r->subject.n + 1;
	case TRUSTLIST_ISSUER:
		return r->issuer.n + 1;
	case TRUSTLIST_SERIAL:
		return r->serial.n;
	case TRUSTLIST_PUBLIC_KEY:
		return r->public_key.n;
	case TRUSTLIST_SIGNATURE:
		return r->signature.n;
	case TRUSTLIST_CERTIFICATE:
		return r->certificate.n;
	case TRUSTLIST_IP_ADDRESS:
		return r->ip_address.n;
	case TRUSTLIST_CERT_HASH:
		return r->cert_hash.n;
	case TRUSTLIST_HASH_ALGORITHM:
		return 1;
	}
	return 0;
}

static void
show_record_row(const struct trustlist_record *r, enum trustlist_tag tag, struct wr *out)
{
	showtext_row(out, tag, record_names[tag], record_length(r, tag));
	if (tag == TRUSTLIST_RECORD_LENGTH)
		showtext_end_text(out, "%u", r->length);
	else if (tag == TRUSTLIST_DNS_NAME)
		show_dns_name(r->dns_name, out);
	else if (tag == TRUSTLIST_SUBJECT)
		showtext_end_name(out, r->subject);
	else if (tag == TRUSTLIST_FUNCTION)
		show_function(r->function, out);
	else if (tag == TRUSTLIST_ISSUER)
		showtext_end_name(out, r->issuer);
	else if (tag == TRUSTLIST_SERIAL)
		showtext_end_serial(out, r->serial);
	else if (tag == TRUSTLIST_CERTIFICATE)
		show_certificate(r->certificate, out);
	else if (tag == TRUSTLIST_CERT_HASH)
		show_hash(r->cert_hash, out);
	else if (tag == TRUSTLIST_HASH_ALGORITHM)
		show_hash_algorithm(r->hash_algorithm, out);
	else
		showtext_end(out);
}

static void
show_record(const struct trustlist *list, size_t i, const char *name, struct wr *out)
{
	const struct trustlist_record *r = &list->records[i];

	showtext_line(out, "\n%s Record #:%zu\n\t  ----", name, i + 1);
	showtext_columns(out);
	for (size_t k = 0; k < r->order_count; k++)
		show_record_row(r, (enum trustlist_tag)r->order[k], out);
	if (r->function == FUNCTION_SAST)
		showtext_line(out, "This etoken was %sused to sign the %s file.",
		    signedfile_record_signed(list, r) ? "" : "not ", name);
}

static bool
show_list(const char *name, const struct trustlist *list, struct wr *out, struct err *e)
{
	show_header(&list->env, out);
	for (size_t i = 0; i < list->count; i++)
		show_record(list, i, name, out);
	wr_u8(out, '\n');
	if (!signedfile_check_list(list, NULL, e))
		return false;
	showtext_line(out, "The %s file was verified successfully.", name);
	return true;
}

bool
listshow_file(
    enum listshow_kind kind, struct span file, const char *modified, struct wr *out, struct err *e)
{
	const char *name = kind_name(kind);
	struct trustlist list;
	bool ok;

	if (!show_top(name, file, modified, out, e))
		return false;
	ok = trustlist_parse(file, &list, e);
	if (ok) {
		ok = show_list(name, &list, out, e);
		trustlist_free(&list);
	}
	if (!ok)
		showtext_line(out,
		    "Verification of the %s file failed.\nError parsing the %s file!!", name, name);
	return wr_ok(out) ? ok : err_set(e, ERR_LIMIT, "the listing does not fit");
}
