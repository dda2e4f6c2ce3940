#include "pki/certname.h"

#include "base/text.h"
#include "base/wr.h"

#include <openssl/objects.h>

#include <stdlib.h>

/* Attribute types with a short name of their own in RFC 4514, section 3; S in place of ST is not
 * used by either form. */
static const struct {
	int nid;
	const char *name;
} types[] = {
	{ NID_commonName, "CN" },
	{ NID_organizationalUnitName, "OU" },
	{ NID_organizationName, "O" },
	{ NID_localityName, "L" },
	{ NID_stateOrProvinceName, "ST" },
	{ NID_countryName, "C" },
	{ NID_streetAddress, "STREET" },
	{ NID_domainComponent, "DC" },
	{ NID_userId, "UID" },
};

#define CUCM_TYPES 6 /* the first of them, in Unified CM's order */
#define OID_MAX    128

/* The value as UTF-8; what is no text (a bit string, broken UTF-8) as '#' and hex of its bytes.
 * is_text tells which. */
static void
write_raw_value(struct wr *w, const ASN1_STRING *value, bool *is_text)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, value);
	char *hex;

	*is_text = n >= 0;
	if (n >= 0) {
		wr_span(w, span_of(utf8, (size_t)n));
		OPENSSL_free(utf8);
		return;
	}
	hex = text_hex(span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
	wr_u8(w, '#');
	wr_text(w, hex);
	free(hex);
}

static void
write_escaped(struct wr *w, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == s.n && c == ' ');

		if (edge || memchr("\\\"+,;<>", c, 7) != NULL)
			wr_u8(w, '\\');
		wr_u8(w, c);
	}
}

static void
write_peer_type(struct wr *w, const ASN1_OBJECT *type)
{
	char oid[OID_MAX];
	int nid = OBJ_obj2nid(type);

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].nid == nid) {
			wr_text(w, types[i].name);
			return;
		}
	OBJ_obj2txt(oid, sizeof oid, type, 1);
	wr_text(w, oid);
}

static void
write_peer_entry(struct wr *w, const X509_NAME_ENTRY *entry)
{
	struct wr value = wr_new(CERTNAME_MAX);
	bool is_text;

	write_raw_value(&value, X509_NAME_ENTRY_get_data(entry), &is_text);
	if (w->n > 0)
		wr_u8(w, ',');
	write_peer_type(w, X509_NAME_ENTRY_get_object(entry));
	wr_u8(w, '=');
	if (is_text)
		write_escaped(w, wr_view(&value));
	else
		wr_span(w, wr_view(&value));
	w->bad = w->bad || !wr_ok(&value);
	wr_free(&value);
}

static void
write_cucm_type(struct wr *w, const X509_NAME *name, size_t type)
{
	bool is_text;
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(name, types[type].nid, i)) >= 0) {
		if (w->n > 0)
			wr_u8(w, ';');
		wr_text(w, types[type].name);
		wr_u8(w, '=');
		write_raw_value(
		    w, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)), &is_text);
	}
}

/* Hands the text over. A NUL inside would end the string for whoever compares it. */
static char *
name_done(struct wr *w, struct err *e)
{
	struct bytes out;

	if (w->n > 0 && memchr(w->p, 0, w->n) != NULL) {
		wr_free(w);
		err_set(e, ERR_MALFORMED, "a name holds a NUL");
		return NULL;
	}
	wr_u8(w, 0);
	if (!wr_done(w, &out, NULL)) {
		err_set(e, ERR_LIMIT, "a name of more than %d bytes", CERTNAME_MAX);
		return NULL;
	}
	return (char *)out.p;
}

char *
certname_cucm(const X509_NAME *name, struct err *e)
{
	struct wr w = wr_new(CERTNAME_MAX);

	for (size_t type = 0; type < CUCM_TYPES; type++)
		write_cucm_type(&w, name, type);
	return name_done(&w, e);
}

/* One past the last attribute of the RDN that begins at entry i. */
static int
rdn_end(const X509_NAME *name, int i)
{
	int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i));

	while (i < X509_NAME_entry_count(name) &&
	       X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i)) == set)
		i++;
	return i;
}

/* RDNs in DER order; the attributes of a multi-valued one come out last first
 * (tests/vectors/tlv/itl-14, captured). */
char *
certname_peer(const X509_NAME *name, struct err *e)
{
	struct wr w = wr_new(CERTNAME_MAX);

	for (int i = 0, end; i < X509_NAME_entry_count(name); i = end) {
		end = rdn_end(name, i);
		for (int at = end - 1; at >= i; at--)
			write_peer_entry(&w, X509_NAME_get_entry(name, at));
	}
	return name_done(&w, e);
}

char *
certname_common(const X509_NAME *name, struct err *e)
{
	struct wr w = wr_new(CERTNAME_MAX);
	int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	bool is_text;

	if (i >= 0)
		write_raw_value(
		    &w, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)), &is_text);
	return name_done(&w, e);
}
