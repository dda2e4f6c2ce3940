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

static void
show_header_row(const struct envelope *env, uint8_t tag, struct wr *out)
{
	const char *name = envelope_tag_name(tag);

	switch (tag) {
	case ENVELOPE_SIGNER:
		showtext_row(out, tag, name, 2);
		showtext_end_text(out, "%zu", showtext_signer_length(env));
		return;
	case ENVELOPE_SIGNER_NAME:
		showtext_row(out, tag, name, env->signer_name.n + 1);
		showtext_end_name(out, env->signer_name);
		return;
	case ENVELOPE_SERIAL:
		showtext_row(out, tag, name, env->serial.n);
		showtext_end_serial(out, env->serial);
		return;
	case ENVELOPE_ISSUER:
		showtext_row(out, tag, name, env->issuer.n + 1);
		showtext_end_name(out, env->issuer);
		return;
	case ENVELOPE_SIGNATURE_INFO:
		showtext_row(out, tag, name, 2);
		showtext_end_text(out, "%d", SHOWTEXT_SIGNATURE_INFO);
		return;
	case ENVELOPE_ALGORITHM_INFO:
		showtext_row(out, tag, name, 2);
		showtext_end_text(out, "%d", SHOWTEXT_ALGORITHM_INFO);
		return;
	case ENVELOPE_SIGNATURE:
		showtext_row(out, tag, name, env->signature.n);
		showtext_end(out);
		showtext_hex_rows(out, env->signature);
		return;
	case ENVELOPE_FILENAME:
		showtext_row(out, tag, name, env->filename.n + 1);
		break;
	case ENVELOPE_TIMESTAMP:
		showtext_row(out, tag, name, sizeof env->timestamp);
		break;
	case ENVELOPE_DIGEST:
	case ENVELOPE_ALGORITHM:
	case ENVELOPE_MODULUS:
		showtext_row(out, tag, name, 1);
		break;
	default: /* version and length stand above; tag 28 is not printed (files.md 1.2) */
		return;
	}
	showtext_end(out);
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

static void
show_record_row(const struct trustlist_record *r, uint8_t tag, struct wr *out)
{
	switch ((enum trustlist_tag)tag) {
	case TRUSTLIST_RECORD_LENGTH:
		showtext_row(out, tag, "RECORDLENGTH", sizeof r->length);
		showtext_end_text(out, "%u", r->length);
		break;
	case TRUSTLIST_DNS_NAME:
		showtext_row(out, tag, "DNSNAME", r->dns_name.n);
		show_dns_name(r->dns_name, out);
		break;
	case TRUSTLIST_SUBJECT:
		showtext_row(out, tag, "SUBJECTNAME", r->subject.n + 1);
		showtext_end_name(out, r->subject);
		break;
	case TRUSTLIST_FUNCTION:
		showtext_row(out, tag, "FUNCTION", sizeof r->function);
		show_function(r->function, out);
		break;
	case TRUSTLIST_ISSUER:
		showtext_row(out, tag, "ISSUERNAME", r->issuer.n + 1);
		showtext_end_name(out, r->issuer);
		break;
	case TRUSTLIST_SERIAL:
		showtext_row(out, tag, "SERIALNUMBER", r->serial.n);
		showtext_end_serial(out, r->serial);
		break;
	case TRUSTLIST_PUBLIC_KEY:
		showtext_row(out, tag, "PUBLICKEY", r->public_key.n);
		showtext_end(out);
		break;
	case TRUSTLIST_SIGNATURE:
		showtext_row(out, tag, "SIGNATURE", r->signature.n);
		showtext_end(out);
		break;
	case TRUSTLIST_CERTIFICATE:
		showtext_row(out, tag, "CERTIFICATE", r->certificate.n);
		show_certificate(r->certificate, out);
		break;
	case TRUSTLIST_IP_ADDRESS:
		showtext_row(out, tag, "IPADDRESS", r->ip_address.n);
		showtext_end(out);
		break;
	case TRUSTLIST_CERT_HASH:
		showtext_row(out, tag, "CERTHASH", r->cert_hash.n);
		show_hash(r->cert_hash, out);
		break;
	case TRUSTLIST_HASH_ALGORITHM:
		showtext_row(out, tag, "HASH ALGORITHM", 1);
		show_hash_algorithm(r->hash_algorithm, out);
		break;
	}
}

static void
show_record(const struct trustlist *list, size_t i, const char *name, struct wr *out)
{
	const struct trustlist_record *r = &list->records[i];

	showtext_line(out, "\n%s Record #:%zu\n\t  ----", name, i + 1);
	showtext_columns(out);
	for (size_t k = 0; k < r->order_count; k++)
		show_record_row(r, r->order[k], out);
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
	if (signedfile_check_list(list, NULL, e)) {
		showtext_line(out, "The %s file was verified successfully.", name);
		return true;
	}
	showtext_line(out, "Verification of the %s file failed.", name);
	return false;
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
		showtext_line(out, "Error parsing the %s file!!", name);
	return wr_ok(out) ? ok : err_set(e, ERR_LIMIT, "the listing does not fit");
}
