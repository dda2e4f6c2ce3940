#include "rig.h"

#include "base/text.h"
#include "pki/digest.h"
#include "rules/signedfile.h"

#include <stdlib.h>

static const char *const key_names[] = { "sast", "sast2", "ccm", "tftp", "tvs", "capf", "app",
	"tftp-ec384", "mic", "cucm-a-callmanager" };

int
rig_setup_group(void **state)
{
	static struct rig rig;

	for (enum rig_who w = 0; w < RIG_WHO_COUNT; w++)
		rig.who[w] = identity_load(key_names[w]);
	*state = &rig;
	return 0;
}

int
rig_teardown_group(void **state)
{
	struct rig *f = *state;

	for (enum rig_who w = 0; w < RIG_WHO_COUNT; w++)
		identity_free(&f->who[w]);
	return 0;
}

int
rig_setup(void **state)
{
	struct rig *f = *state;

	f->world = (struct world){ .now = WORLD_NOW, .http = true };
	f->io = world_io(&f->world);
	f->options = (struct phone_options){ .server = "10.0.0.1",
		.device = { RIG_NAME },
		.model = "8861",
		.tvs_port = 2445,
		.capf_port = 3804,
		.retry_seconds = 30 };
	folder_make(f->folder);
	return 0;
}

int
rig_teardown(void **state)
{
	struct rig *f = *state;

	world_free(&f->world);
	folder_remove(f->folder);
	free(f->console);
	f->console = NULL;
	return 0;
}

bool
rig_boot(struct rig *f)
{
	struct handset h;
	struct err e = { 0 };
	FILE *out;
	bool ok;

	free(f->console);
	out = open_memstream(&f->console, &f->console_n);
	f->world.asked[0] = '\0';
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, out, &e), e);
	ok = phone_boot(&h);
	f->lsc = h.lsc != NULL;
	phone_close(&h);
	fclose(out);
	return ok;
}

bool
rig_opens(struct rig *f, const char *host)
{
	struct handset h;
	struct err e = { 0 };
	FILE *out;
	bool ok;

	free(f->console);
	out = open_memstream(&f->console, &f->console_n);
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, out, &e), e);
	ok = phone_verify_https(&h, host, 8443);
	phone_close(&h);
	fclose(out);
	return ok;
}

void
rig_serve_itl_https(struct rig *f)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[SAST_I], false, false },
		{ FUNCTION_CAPF, &f->who[CAPF], true, false },
		{ FUNCTION_TVS, &f->who[TVS], true, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false },
		{ FUNCTION_TFTP, &f->who[FILES], false, false } };

	world_file(&f->world, "ITL" RIG_NAME ".tlv",
	    list_make_https("ITLFile.tlv", &f->who[SAST_I], entries, 5));
}

void
rig_serve_itl(struct rig *f, enum rig_who signer, bool empty)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[signer], false, false },
		{ FUNCTION_CAPF, &f->who[CAPF], true, false },
		{ FUNCTION_TVS, &f->who[TVS], true, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false } };

	world_file(&f->world, "ITL" RIG_NAME ".tlv",
	    list_make("ITLFile.tlv", &f->who[signer], entries, empty ? 2 : 4));
}

void
rig_serve_ctl(struct rig *f, enum rig_who signer)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[signer], false, false },
		{ FUNCTION_CCM_TFTP, &f->who[CCM], false, false } };

	world_file(&f->world, "CTLFile.tlv", list_make("CTLFile.tlv", &f->who[signer], entries, 2));
}

void
rig_serve_config(struct rig *f, enum rig_who signer, const char *xml)
{
	world_file(&f->world, RIG_NAME ".cnf.xml.sgn",
	    file_make(RIG_NAME ".cnf.xml.sgn", &f->who[signer], span_str(xml)));
}

void
rig_serve_plain(struct rig *f, const char *xml)
{
	world_file(&f->world, RIG_NAME ".cnf.xml", bytes_copy(span_str(xml)));
}

#define CAPF_ELEMENTS \
	"<capfAuthMode>%d</capfAuthMode><capfList><capf><processNodeName>capf</processNodeName>" \
	"</capf></capfList>"

struct world_server *
rig_serve_capf(struct rig *f, int mode)
{
	char xml[512];
	struct world_server *s = world_server(&f->world, "capf", &f->who[CAPF]);

	snprintf(xml, sizeof xml, "<device>" CAPF_ELEMENTS "</device>", mode);
	rig_serve_config(f, TFTP, xml);
	s->capf = true;
	s->issued_for = RIG_NAME;
	return s;
}

void
rig_serve_encrypted(
    struct rig *f, enum rig_who signer, const struct cert *cert, const struct cert *key)
{
	struct signedfile_head head = { .signer = f->who[signer].cert,
		.names = SIGNEDFILE_CUCM,
		.filename = RIG_NAME ".cnf.xml.enc.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = 1700000000 };
	struct bytes draft, file;
	struct digest md5;
	char companion[1024], *hex;
	struct err e = { 0 };

	assert_ok(digest_of(DIGEST_MD5, cert_der(cert), &md5, &e), e);
	hex = text_hex(digest_span(&md5));
	snprintf(companion, sizeof companion,
	    "<device><fullConfig>false</fullConfig>" CAPF_ELEMENTS "<certHash>%s</certHash>"
	    "<encrConfig>true</encrConfig></device>",
	    2, hex);
	free(hex);
	rig_serve_config(f, TFTP, companion);
	assert_ok(signedfile_encrypt(&head, span_str(RIG_CONFIG), key, &draft, &e), e);
	assert_ok(signedfile_sign(bytes_span(&draft), f->who[signer].key, &file, &e), e);
	bytes_free(&draft);
	world_file(&f->world, RIG_NAME ".cnf.xml.enc.sgn", file);
}

void
rig_settle(struct rig *f)
{
	rig_serve_itl(f, SAST_I, false);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
}

struct bytes
rig_kept(struct rig *f, const char *name)
{
	struct flash flash;
	struct bytes b = { 0 };
	struct err e;

	assert_true(flash_open(&flash, f->folder, &e));
	if (!flash_read(&flash, name, 1 << 20, &b, &e))
		b = (struct bytes){ 0 };
	flash_close(&flash);
	return b;
}

struct world_server *
rig_tvs(struct rig *f, const char *host, bool valid)
{
	struct world_server *s = world_server(&f->world, host, &f->who[TVS]);

	s->valid = valid;
	s->roles[0] = 0;
	s->roles[1] = 3;
	s->role_count = 2;
	s->ttl = 86400;
	s->found = f->who[STRANGER].cert;
	return s;
}
