#include "admin/bulkfiles.h"

#include "admin/readfile.h"

#include "base/mem.h"
#include "base/text.h"
#include "pki/bundle.h"
#include "pki/p12.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SHOWN_MAX 128

static const char *const p12_endings[] = { ".p12", ".pkcs12", ".pfx", NULL };
static const char *const other_endings[] = { ".pem", ".crt", ".cer", ".der", NULL };

static bool
ends_in(const char *path, const char *const *endings)
{
	const char *dot = strrchr(path, '.');

	for (; dot != NULL && *endings != NULL; endings++)
		if (strcasecmp(dot, *endings) == 0)
			return true;
	return false;
}

bool
bulkfiles_is_p12(const char *path)
{
	return ends_in(path, p12_endings);
}

static char *
copy(const char *text)
{
	return mem_text(text, strlen(text));
}

char *
bulkfiles_path(const char *dir, enum bulkcert_type type, const char *whose)
{
	const char *name = bulkcert_type_name(type);
	size_t n = strlen(dir) + strlen(name) + strlen(whose) + sizeof "/_.p12";
	char *path = mem_new(n, 1);

	snprintf(path, n, "%s/%s_%s.p12", dir, name, whose);
	return path;
}

/* --- what is gathered --- */

void
bulkfiles_add(struct bulkfiles *b, const char *source, enum bulkcert_type type, struct cert *cert,
    const char *whose, const char *fault)
{
	for (size_t i = 0; cert != NULL && i < b->count; i++)
		if (b->item[i].cert != NULL && b->item[i].type == type &&
		    span_eq(cert_der(b->item[i].cert), cert_der(cert))) {
			cert_free(cert);
			return;
		}
	b->item = mem_grow(b->item, b->count + 1, sizeof *b->item);
	b->item[b->count++] = (struct bulkfiles_item){ copy(source), cert, type,
		copy(whose != NULL ? whose : ""), fault != NULL ? copy(fault) : NULL };
}

void
bulkfiles_free(struct bulkfiles *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->item[i].source);
		cert_free(b->item[i].cert);
		free(b->item[i].whose);
		free(b->item[i].fault);
	}
	free(b->item);
	*b = (struct bulkfiles){ 0 };
}

/* --- reading --- */

struct reading {
	struct bulkfiles *out;
	struct span passphrase;
	const enum bulkcert_type *given;
	const char *source;
};

/* label: "" when the file gives its certificates no names. */
static void
take(struct reading *r, const struct cert *c, const char *label)
{
	enum bulkcert_type type = BULKCERT_CALLMANAGER;
	bool labelled = bulkcert_type_of_label(label, &type);
	char shown[SHOWN_MAX];

	if (r->given != NULL)
		type = *r->given;
	else if (!labelled && !bulkcert_type_of_file(r->source, &type)) {
		bulkfiles_add(r->out, r->source, type, NULL, cert_common_name(c),
		    "the name of the file does not say which certificate it is: begin it with "
		    "CallManager, CallManager-ECDSA, ITLRecovery, CAPF, TVS or tomcat, or give "
		    "--type");
		return;
	}
	if (labelled)
		label = strchr(label, ' ') + 1;
	else
		label = text_printable(span_str(cert_common_name(c)), shown, sizeof shown);
	bulkfiles_add(r->out, r->source, type, cert_ref(c), label, NULL);
}

static bool
take_p12(struct reading *r, struct span file, struct err *e)
{
	struct p12_certs certs;

	if (!p12_read(file, r->passphrase, BUNDLE_MAX, &certs, e))
		return false;
	for (size_t i = 0; i < certs.count; i++)
		take(r, certs.item[i].cert, certs.item[i].name);
	p12_certs_free(&certs);
	return true;
}

static bool
take_plain(struct reading *r, struct span file, struct err *e)
{
	struct bundle_certs certs;

	if (!bundle_from_file(file, &certs, e))
		return false;
	for (size_t i = 0; i < certs.count; i++)
		take(r, certs.cert[i], "");
	bundle_free(&certs);
	return true;
}

static void
take_file(struct reading *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct bytes file = { 0 };
	struct err why = { 0 };
	bool ok;

	r->source = slash != NULL ? slash + 1 : path;
	ok = readfile(path, &file, &why) &&
	     (bulkfiles_is_p12(path) ? take_p12(r, bytes_span(&file), &why)
				     : take_plain(r, bytes_span(&file), &why));
	bytes_wipe(&file);
	if (!ok)
		bulkfiles_add(r->out, r->source, BULKCERT_CALLMANAGER, NULL, NULL, why.text);
}

static int
is_wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (bulkfiles_is_p12(entry->d_name) || ends_in(entry->d_name, other_endings));
}

static bool
take_folder(struct reading *r, const char *dir, struct err *e)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, is_wanted, alphasort);

	if (count < 0)
		return err_sys(e, "cannot read %s", dir);
	for (int i = 0; i < count; i++) {
		size_t n = strlen(dir) + strlen(entries[i]->d_name) + sizeof "/";
		char *path = mem_new(n, 1);

		snprintf(path, n, "%s/%s", dir, entries[i]->d_name);
		take_file(r, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return count > 0 ||
	       err_set(e, ERR_UNKNOWN, "%s has no file with certificates (.p12, .pem ...)", dir);
}

bool
bulkfiles_read(const char *path, struct span passphrase, const enum bulkcert_type *type,
    struct bulkfiles *out, struct err *e)
{
	struct reading r = { .out = out, .passphrase = passphrase, .given = type };
	struct stat st;

	*out = (struct bulkfiles){ 0 };
	if (stat(path, &st) != 0)
		return err_sys(e, "cannot open %s", path);
	if (S_ISDIR(st.st_mode))
		return take_folder(&r, path, e);
	take_file(&r, path);
	return true;
}

/* --- writing --- */

/* Java knows certificates by name: a second one of a name gets a number. */
static bool
add_one(struct p12 *p12, const struct bulkfiles *b, size_t at, struct err *e)
{
	const struct bulkfiles_item *item = &b->item[at];
	char label[BULKCERT_LABEL_MAX], name[BULKCERT_LABEL_MAX + 24];
	char *pem = cert_to_pem(item->cert);
	size_t nth = 1;
	bool ok;

	for (size_t i = 0; i < at; i++)
		nth += b->item[i].cert != NULL && b->item[i].type == item->type &&
		       strcmp(b->item[i].whose, item->whose) == 0;
	bulkcert_label(item->type, item->whose, label);
	snprintf(name, sizeof name, nth > 1 ? "%s (%zu)" : "%s", label, nth);
	ok = p12_add(p12, span_str(pem), name, e);
	free(pem);
	return ok;
}

bool
bulkfiles_write(const struct bulkfiles *b, const enum bulkcert_type *type, struct span passphrase,
    const char *path, size_t *count, struct err *e)
{
	struct p12 *p12 = p12_new(e);
	struct bytes file = { 0 };
	bool ok = p12 != NULL;

	*count = 0;
	for (size_t i = 0; ok && i < b->count; i++) {
		if (b->item[i].cert == NULL || (type != NULL && b->item[i].type != *type))
			continue;
		ok = add_one(p12, b, i, e);
		(*count)++;
	}
	ok = ok &&
	     (*count == 0 || (p12_write(p12, passphrase, &file, e) &&
				 writefile(path, bytes_span(&file), WRITEFILE_PUBLIC, false, e)));
	bytes_free(&file);
	p12_free(p12);
	return ok;
}
