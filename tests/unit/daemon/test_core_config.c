#include "core_rig.h"

#include "daemon/core_config.h"
#include "daemon/core_forget.h"
#include "rules/phonecfg.h"
#include "rules/signedfile.h"
#include "vectors.h"
#include "wire/tftp.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME   RIG_PHONE ".cnf.xml"
#define XML(inside) "<device><deviceProtocol>SIP</deviceProtocol>" inside "</device>"

static struct store *
store(struct core_rig *r)
{
	return cluster_store(r->core.cluster);
}

/* The certificate of a file of tests/vectors/keys. */
static struct cert *
vector_cert(const char *name)
{
	struct bytes pem;
	struct err e = { 0 };
	struct cert *c;

	assert_true(vectors_read(name, &pem));
	c = cert_from_pem(bytes_span(&pem), &e);
	assert_non_null(c);
	bytes_free(&pem);
	return c;
}

static void
give_mic(struct core_rig *r, const char *vector)
{
	struct cert *mic = vector_cert(vector);
	struct err e = { 0 };

	assert_ok(store_phone_mic_set(store(r), RIG_PHONE, cert_der(mic), &e), e);
	cert_free(mic);
}

static void
give_lsc(struct core_rig *r, const char *vector)
{
	static unsigned serial;
	struct cert *c = vector_cert(vector);
	struct store_lsc lsc = { .device = RIG_PHONE,
		.der = bytes_copy(cert_der(c)),
		.key_hash = bytes_copy(cert_key_id(c)),
		.not_after = cert_not_after(c),
		.issued = core_now() };
	struct err e = { 0 };

	snprintf(lsc.serial, sizeof lsc.serial, "%02x", ++serial);
	assert_ok(store_lsc_issue(store(r), &lsc, &e), e);
	assert_ok(store_lsc_confirm(store(r), lsc.id, core_now(), &e), e);
	store_lsc_free(&lsc);
	cert_free(c);
}

/* An added phone with an operation and, unless NULL, a profile whose setting encrypted-config is
 * that. */
static void
add_phone(struct core_rig *r, enum phone_operation operation, const char *encrypted)
{
	struct profile profile;
	struct phone p;
	struct err e = { 0 };

	core_rig_phone(r, RIG_PHONE, operation);
	if (encrypted == NULL)
		return;
	assert_ok(profile_new("secret", &profile, &e), e);
	assert_ok(profile_set(&profile, "encrypted-config", encrypted, &e), e);
	assert_ok(store_profile_put(store(r), &profile, &e), e);
	p = core_rig_record(r, RIG_PHONE);
	snprintf(p.profile, sizeof p.profile, "secret");
	assert_ok(store_phone_put(store(r), &p, &e), e);
}

/* What a phone can read of an answer: the payload of a signed file, or all of it. */
static struct span
payload(struct core_rig *r, const struct answer *a)
{
	struct envelope env;
	struct span content;
	struct err e = { 0 };

	if (a->data.n > 0 && a->data.p[0] == '<')
		return a->data;
	assert_ok(signedfile_parse(a->data, &env, &content, &e), e);
	assert_ok(
	    signedfile_check(&env, cluster_cert(r->core.cluster, PURPOSE_CALLMANAGER), &e), e);
	return content;
}

/* --- the forms --- */

/* The table of doc/protocols/files.md, sections 3, 4 and 8, and decision 0009. */
static void
config_has_the_form_that_profile_and_certificates_ask_for(void **state)
{
	static const struct {
		const char *encrypted, *mic, *lsc;
		enum phone_operation operation;
		const char *name;
		enum ask_via via;
		const char *form; /* of answer.version; NULL: not found */
	} rows[] = {
		{ NULL, NULL, NULL, 0, FILE_NAME, ASK_VIA_TFTP, "plain" },
		{ NULL, NULL, NULL, 0, FILE_NAME ".sgn", ASK_VIA_TFTP, "signed" },
		{ NULL, NULL, NULL, 0, FILE_NAME ".sgn", ASK_VIA_HTTP, "signed" },
		{ NULL, NULL, NULL, 0, FILE_NAME ".sgn", ASK_VIA_HTTPS, "plain" },
		{ NULL, "keys/mic.pem", NULL, 0, FILE_NAME ".enc.sgn", ASK_VIA_TFTP, NULL },
		{ "no", "keys/mic.pem", NULL, 0, FILE_NAME ".enc.sgn", ASK_VIA_TFTP, NULL },
		{ "no", "keys/mic.pem", NULL, 0, FILE_NAME ".sgn", ASK_VIA_TFTP, "signed" },
		{ "yes", "keys/mic.pem", NULL, 0, FILE_NAME, ASK_VIA_TFTP, NULL },
		{ "yes", "keys/mic.pem", NULL, 0, FILE_NAME ".sgn", ASK_VIA_TFTP, "stub-signed" },
		{ "yes", "keys/mic.pem", NULL, 0, FILE_NAME ".sgn", ASK_VIA_HTTPS, "stub" },
		{ "yes", "keys/mic.pem", NULL, 0, FILE_NAME ".enc.sgn", ASK_VIA_TFTP, "encrypted" },
		{ "yes", "keys/mic.pem", NULL, 0, FILE_NAME ".enc.sgn", ASK_VIA_HTTPS,
		    "encrypted" },
		{ "yes", NULL, "keys/lsc.pem", 0, FILE_NAME ".enc.sgn", ASK_VIA_TFTP, "encrypted" },
		{ "yes", NULL, "keys/lsc.pem", PHONE_OPERATION_DELETE, FILE_NAME ".enc.sgn",
		    ASK_VIA_TFTP, NULL },
		{ "yes", NULL, "keys/lsc-ec384.pem", 0, FILE_NAME ".enc.sgn", ASK_VIA_TFTP, NULL },
		{ "yes", NULL, NULL, 0, FILE_NAME ".sgn", ASK_VIA_TFTP, "stub-signed" },
		{ "yes", NULL, NULL, 0, FILE_NAME, ASK_VIA_TFTP, NULL },
	};
	struct core_rig *r = *state;
	struct err e = { 0 };
	bool found;

	core_rig_put(r, FILE_NAME, span_str(XML("")));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char want[64];
		struct answer a;

		assert_ok(store_phone_remove(store(r), RIG_PHONE, &found, &e), e);
		assert_ok(store_lsc_delete(store(r), RIG_PHONE, core_now(), &e), e);
		add_phone(r, rows[i].operation, rows[i].encrypted);
		if (rows[i].mic != NULL)
			give_mic(r, rows[i].mic);
		if (rows[i].lsc != NULL)
			give_lsc(r, rows[i].lsc);
		core_forget_device(&r->core, RIG_PHONE);
		a = core_rig_file(r, rows[i].name, rows[i].via);
		if (rows[i].form == NULL) {
			if (a.ok || a.code != TFTP_ERR_NOT_FOUND)
				fail_msg("row %zu: expected to be refused", i);
			continue;
		}
		snprintf(want, sizeof want, "config %s ", rows[i].form);
		if (!a.ok || a.version.n <= strlen(want) ||
		    memcmp(a.version.p, want, strlen(want)) != 0)
			fail_msg("row %zu: expected %s, got %.*s", i, want, (int)a.version.n,
			    (const char *)a.version.p);
		assert_true(payload(r, &a).n > 0);
	}
}

static void
config_that_is_encrypted_opens_with_the_key_of_its_recipient_only(void **state)
{
	struct core_rig *r = *state;
	struct cert *mic = vector_cert("keys/mic.pem");
	char hash[PROVISION_HASH_MAX];
	struct phonecfg stub;
	struct bytes pem, plain;
	struct encfile enc;
	struct privkey *key;
	struct answer a;
	struct err e = { 0 };

	add_phone(r, PHONE_OPERATION_NONE, "yes");
	give_mic(r, "keys/mic.pem");
	core_rig_put(r, FILE_NAME, span_str(XML("<secret>7</secret>")));
	a = core_rig_file(r, FILE_NAME ".enc.sgn", ASK_VIA_TFTP);
	assert_ok(encfile_parse(a.data, &enc, &e), e);
	assert_true(vectors_read("keys/mic.pem", &pem));
	key = key_from_pem(bytes_span(&pem), &e);
	assert_non_null(key);
	assert_ok(signedfile_decrypt(&enc, key, &plain, &e), e);
	assert_non_null(memmem(plain.p, plain.n, "<secret>7</secret>", 18));
	a = core_rig_file(r, FILE_NAME ".sgn", ASK_VIA_TFTP);
	assert_ok(phonecfg_parse(payload(r, &a), &stub, &e), e);
	provision_cert_hash(mic, hash);
	assert_string_equal(stub.cert_hash, hash);
	assert_false(stub.full_config);
	assert_null(memmem(a.data.p, a.data.n, "secret", 6));
	bytes_wipe(&plain);
	bytes_wipe(&pem);
	key_free(key);
	cert_free(mic);
}

/* --- what is put in --- */

static struct phonecfg
fetch(struct core_rig *r)
{
	struct phonecfg cfg;
	struct answer a = core_rig_file(r, FILE_NAME ".sgn", ASK_VIA_TFTP);
	struct err e = { 0 };

	assert_true(a.ok);
	assert_ok(phonecfg_parse(payload(r, &a), &cfg, &e), e);
	return cfg;
}

static void
config_names_the_servers_of_the_cluster_by_address(void **state)
{
	struct core_rig *r = *state;
	struct phonecfg cfg;

	core_rig_put(r, FILE_NAME, span_str(XML("<capfAuthMode>2</capfAuthMode>")));
	cfg = fetch(r);
	assert_int_equal(cfg.tvs_count, 1);
	assert_string_equal(cfg.tvs[0].host, "192.0.2.10");
	assert_int_equal(cfg.tvs[0].port, cluster_conf(r->core.cluster)->ports.tvs);
	assert_int_equal(cfg.capf_count, 1);
	assert_string_equal(cfg.capf[0].host, "192.0.2.10");
	assert_int_equal(cfg.capf_auth, PHONECFG_CAPF_NONE);
}

static void
config_tells_of_capf_while_an_operation_is_open(void **state)
{
	struct core_rig *r = *state;
	struct phone p;
	struct err e = { 0 };

	core_rig_put(r, FILE_NAME, span_str(XML("")));
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	core_forget_device(&r->core, RIG_PHONE);
	assert_int_equal(fetch(r).capf_auth, PHONECFG_CAPF_NULL_STRING);
	p = core_rig_record(r, RIG_PHONE);
	assert_ok(phone_set(&p, "auth-string", "1234", &e), e);
	p.auth_mode = PHONE_AUTH_STRING;
	assert_ok(store_phone_put(store(r), &p, &e), e);
	core_forget_device(&r->core, RIG_PHONE);
	assert_int_equal(fetch(r).capf_auth, PHONECFG_CAPF_STRING);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	core_forget_device(&r->core, RIG_PHONE);
	assert_int_equal(fetch(r).capf_auth, PHONECFG_CAPF_NONE);
}

/* --- templates --- */

static void
put_template(struct core_rig *r, const char *name, const char *model, const char *xml)
{
	struct store_template t = { .changed = 1 };
	struct err e = { 0 };

	snprintf(t.name, sizeof t.name, "%s", name);
	snprintf(t.model, sizeof t.model, "%s", model);
	t.xml = bytes_copy(span_str(xml));
	assert_ok(store_template_put(store(r), &t, &e), e);
	bytes_free(&t.xml);
}

static void
assert_source(struct core_rig *r, const char *what)
{
	struct core_config_view v;
	struct device d;
	struct err e = { 0 };

	assert_ok(device_parse(span_str(RIG_PHONE), &d, &e), e);
	assert_ok(core_config_explain(&r->core, &d, &v, &e), e);
	if (strstr(v.source, what) == NULL)
		fail_msg("source is \"%s\", expected %s", v.source, what);
}

static void
assert_served(struct core_rig *r, const char *part)
{
	struct answer a;

	core_forget_device(&r->core, RIG_PHONE);
	a = core_rig_file(r, FILE_NAME, ASK_VIA_TFTP);
	if (!a.ok || memmem(a.data.p, a.data.n, part, strlen(part)) == NULL)
		fail_msg("%s is not in %.*s", part, (int)a.data.n, (const char *)a.data.p);
}

static void
config_comes_from_the_nearest_template_when_there_is_no_file(void **state)
{
	struct core_rig *r = *state;
	struct store_group group = { .name = "west", .template = "of-group" };
	struct phone p;
	struct err e = { 0 };

	put_template(r, "of-family", "8800", XML("<a>family {{mac}}</a>"));
	assert_false(core_rig_file(r, FILE_NAME, ASK_VIA_TFTP).ok);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_source(r, "its model is not known");
	p = core_rig_record(r, RIG_PHONE);
	snprintf(p.model, sizeof p.model, "8861");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	assert_served(r, "<a>family 001122334455</a>");
	assert_source(r, "template of-family, that of its family");
	put_template(r, "of-model", "8861", XML("<a>model {{name}} {{server}}</a>"));
	assert_served(r, "<a>model SEP001122334455 192.0.2.10</a>");
	put_template(r, "of-group", "", XML("<a>group {{line1.name|nobody}}</a>"));
	snprintf(group.server[0].host, PHONECFG_HOST_MAX, "192.0.2.99");
	group.count = 1;
	assert_ok(store_group_put(store(r), &group, &e), e);
	snprintf(p.group, sizeof p.group, "west");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	assert_served(r, "<a>group nobody</a>");
	put_template(r, "own", "", XML("<a>own {{line1.name}} {{server}}</a>"));
	snprintf(p.template, sizeof p.template, "own");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	assert_ok(store_phone_value_set(store(r), RIG_PHONE, "line1.name", "200", &e), e);
	assert_served(r, "<a>own 200 192.0.2.99</a>");
	assert_source(r, "template own, its own");
	core_rig_put(r, FILE_NAME, span_str(XML("<a>file {{mac}}</a>")));
	assert_served(r, "<a>file {{mac}}</a>");
	assert_source(r, "file " FILE_NAME);
}

static void
config_comes_from_the_template_of_its_family_that_is_built_in_once_there_are_values(void **state)
{
	struct core_rig *r = *state;
	struct phone p;
	struct err e = { 0 };

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	p = core_rig_record(r, RIG_PHONE);
	snprintf(p.model, sizeof p.model, "7962");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	assert_int_equal(core_rig_file(r, FILE_NAME, ASK_VIA_TFTP).code, TFTP_ERR_NOT_FOUND);
	assert_source(r, "no values");
	assert_ok(store_phone_value_set(store(r), RIG_PHONE, "line1.name", "200", &e), e);
	assert_ok(store_phone_value_set(store(r), RIG_PHONE, "line1.password", "<7&", &e), e);
	assert_served(r, "<authPassword>&lt;7&amp;</authPassword>");
	assert_source(r, "template cisco-sip-7900, that of its family");
	put_template(r, "cisco-sip-7900", "", XML("<a>own {{line1.name}}</a>"));
	assert_served(r, "<a>own 200</a>");
	snprintf(p.template, sizeof p.template, "cisco-sip-8800");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	assert_served(r, "<authPassword>&lt;7&amp;</authPassword>");
	assert_source(r, "template cisco-sip-8800, its own");
}

/* --- faults --- */

static struct core_config_view
explain(struct core_rig *r)
{
	struct core_config_view v;
	struct device d;
	struct err e = { 0 };

	assert_ok(device_parse(span_str(RIG_PHONE), &d, &e), e);
	assert_ok(core_config_explain(&r->core, &d, &v, &e), e);
	return v;
}

static void
config_that_cannot_be_built_is_served_as_it_last_could(void **state)
{
	struct core_rig *r = *state;
	struct core_config_view v;

	core_rig_put(r, FILE_NAME, span_str("<device>\n<a>broken</device>"));
	assert_false(core_rig_file(r, FILE_NAME, ASK_VIA_TFTP).ok);
	v = explain(r);
	assert_non_null(strstr(v.fault, FILE_NAME));
	assert_non_null(strstr(v.fault, "line 2"));
	assert_int_equal(v.form, PROVISION_ABSENT);
	core_rig_put(r, FILE_NAME, span_str(XML("<a>good</a>")));
	assert_served(r, "<a>good</a>");
	assert_string_equal(explain(r).fault, "");
	core_rig_put(r, FILE_NAME, span_str("<device>\n<a>broken again</device>"));
	assert_served(r, "<a>good</a>");
	assert_served(r, "<a>good</a>");
	v = explain(r);
	assert_non_null(strstr(v.fault, "line 2"));
	assert_int_equal(v.form, PROVISION_SIGNED);
	assert_in_range(v.good_at, core_now() - 60, core_now());
	core_rig_put(r, FILE_NAME, span_str(XML("<a>mended</a>")));
	assert_served(r, "<a>mended</a>");
}

static void
config_without_a_value_for_a_placeholder_says_which(void **state)
{
	struct core_rig *r = *state;
	struct core_config_view v;
	struct phone p;
	struct err e = { 0 };

	put_template(r, "own", "", XML("\n<a>{{line1.name}}</a>"));
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	p = core_rig_record(r, RIG_PHONE);
	snprintf(p.template, sizeof p.template, "own");
	assert_ok(store_phone_put(store(r), &p, &e), e);
	v = explain(r);
	assert_non_null(strstr(v.fault, "template own"));
	assert_non_null(strstr(v.fault, "line1.name"));
	assert_int_equal(core_rig_file(r, FILE_NAME, ASK_VIA_TFTP).code, TFTP_ERR_OTHER);
}

static void
config_explain_says_whom_it_is_encrypted_for(void **state)
{
	struct core_rig *r = *state;
	struct core_config_view v;

	core_rig_put(r, FILE_NAME, span_str(XML("")));
	add_phone(r, PHONE_OPERATION_NONE, "yes");
	v = explain(r);
	assert_int_equal(v.form, PROVISION_STUB_SIGNED);
	assert_string_equal(v.recipient, "");
	assert_non_null(strstr(v.reason, "no MIC"));
	give_mic(r, "keys/mic.pem");
	v = explain(r);
	assert_int_equal(v.form, PROVISION_ENCRYPTED);
	assert_memory_equal(v.recipient, "MIC ", 4);
	assert_string_equal(v.reason, "");
	assert_true(strlen(v.version) > 0);
	give_lsc(r, "keys/lsc.pem");
	assert_memory_equal(explain(r).recipient, "LSC ", 4);
}

/* --- what is not a phone's --- */

static void
config_for_everybody_has_no_more_than_servers(void **state)
{
	struct core_rig *r = *state;
	struct answer a;

	core_rig_put(r, "XMLDefault.cnf.xml", span_str("<Default><a>x</a></Default>"));
	a = core_rig_file(r, "XMLDefault.cnf.xml.sgn", ASK_VIA_TFTP);
	assert_true(a.ok);
	assert_int_equal(a.version.n, 0);
	assert_non_null(memmem(a.data.p, a.data.n, "<TVS>", 5));
	assert_null(memmem(a.data.p, a.data.n, "capf", 4));
	assert_false(core_rig_file(r, "XMLDefault.cnf.xml.enc.sgn", ASK_VIA_TFTP).ok);
}

static void
config_that_was_signed_by_hand_is_never_served(void **state)
{
	struct core_rig *r = *state;

	core_rig_put(r, FILE_NAME ".sgn", span_str("by hand"));
	core_rig_put(r, FILE_NAME ".enc.sgn", span_str("by hand"));
	core_rig_put(r, "CTL" RIG_PHONE ".tlv", span_str("left over"));
	core_rig_put(r, "old.tlv", span_str("left over"));
	core_rig_put(r, "app.xml.enc.sgn", span_str("left over"));
	assert_false(core_rig_file(r, FILE_NAME ".sgn", ASK_VIA_TFTP).ok);
	assert_false(core_rig_file(r, FILE_NAME ".enc.sgn", ASK_VIA_TFTP).ok);
	assert_false(core_rig_file(r, "CTL" RIG_PHONE ".tlv", ASK_VIA_TFTP).ok);
	assert_false(core_rig_file(r, "old.tlv", ASK_VIA_TFTP).ok);
	assert_false(core_rig_file(r, "app.xml.enc.sgn", ASK_VIA_TFTP).ok);
	core_rig_put(r, "image.sbn.sgn", span_str("by the vendor"));
	assert_span_equal(
	    core_rig_file(r, "image.sbn.sgn", ASK_VIA_TFTP).data, span_str("by the vendor"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(config_has_the_form_that_profile_and_certificates_ask_for),
		WITH_CORE(config_that_is_encrypted_opens_with_the_key_of_its_recipient_only),
		WITH_CORE(config_names_the_servers_of_the_cluster_by_address),
		WITH_CORE(config_tells_of_capf_while_an_operation_is_open),
		WITH_CORE(config_comes_from_the_nearest_template_when_there_is_no_file),
		WITH_CORE(
		    config_comes_from_the_template_of_its_family_that_is_built_in_once_there_are_values),
		WITH_CORE(config_that_cannot_be_built_is_served_as_it_last_could),
		WITH_CORE(config_without_a_value_for_a_placeholder_says_which),
		WITH_CORE(config_explain_says_whom_it_is_encrypted_for),
		WITH_CORE(config_for_everybody_has_no_more_than_servers),
		WITH_CORE(config_that_was_signed_by_hand_is_never_served),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
