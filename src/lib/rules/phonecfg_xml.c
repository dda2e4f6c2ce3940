#include "rules/phonecfg.h"

#include "base/text.h"
#include "rules/phonecfg_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <stdio.h>
#include <stdlib.h>

#define VALUE_SHOWN 60

#define REASON_MAX 120

/* One document being read. */
struct source {
	bool refused;            /* it began a document type declaration */
	int line;                /* of the first fault; 0: none */
	char reason[REASON_MAX]; /* libxml2's words for it */
};

/* Later faults follow from the first one. */
static void
keep_fault(void *ctx, xmlError *fault)
{
	xmlParserCtxt *ctxt = ctx;
	struct source *source = ctxt->_private;
	const char *words = fault->message != NULL ? fault->message : "";

	if (fault->level != XML_ERR_FATAL || source->line != 0)
		return;
	source->line = fault->line;
	text_printable(span_of(words, strcspn(words, "\n")), source->reason, sizeof source->reason);
}

/* A document type is where entities are declared: nothing of it is read. */
static void
refuse_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxt *ctxt = ctx;
	struct source *source = ctxt->_private;

	(void)name;
	(void)external;
	(void)system;
	source->refused = true;
	xmlStopParser(ctxt);
}

static bool
size_check(struct span xml, struct err *e)
{
	if (xml.n > PHONECFG_MAX)
		return err_set(e, ERR_LIMIT, "configuration: %zu bytes, phones load %d at most",
		    xml.n, PHONECFG_MAX);
	return xml.n > 0 || err_set(e, ERR_MALFORMED, "configuration: empty");
}

xmlDoc *
phonecfg_xml_read(struct span xml, bool blanks, struct err *e)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			    XML_PARSE_COMPACT | XML_PARSE_BIG_LINES |
			    (blanks ? 0 : XML_PARSE_NOBLANKS);
	struct source source = { 0 };
	xmlParserCtxt *ctxt;
	xmlDoc *doc;

	if (!size_check(xml, e))
		return NULL;
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL)
		abort();
	ctxt->_private = &source;
	ctxt->sax->internalSubset = refuse_doctype;
	ctxt->sax->serror = keep_fault;
	doc = xmlCtxtReadMemory(ctxt, (const char *)xml.p, (int)xml.n, NULL, NULL, options);
	if (source.refused) {
		err_set(e, ERR_REFUSED, "configuration: has a document type declaration");
		xmlFreeDoc(doc);
		doc = NULL;
	} else if (doc == NULL)
		err_set(e, ERR_MALFORMED, "configuration: line %d: not well-formed XML: %s",
		    source.line, source.reason);
	xmlFreeParserCtxt(ctxt);
	return doc;
}

xmlNode *
phonecfg_xml_next(xmlNode *n)
{
	if (n->type == XML_ELEMENT_NODE && n->children != NULL)
		return n->children;
	while (n != NULL && n->next == NULL)
		n = n->parent;
	return n != NULL ? n->next : NULL;
}

static bool
is_named(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, (const xmlChar *)name);
}

/* The first child element of that name; NULL. */
static xmlNode *
child(const xmlNode *parent, const char *name)
{
	for (xmlNode *n = parent != NULL ? parent->children : NULL; n != NULL; n = n->next)
		if (is_named(n, name))
			return n;
	return NULL;
}

/* The text of an element without spaces around it; "" when n is NULL. */
static bool
text_of(const xmlNode *n, char *out, size_t max, struct err *e)
{
	xmlChar *whole = n != NULL ? xmlNodeGetContent(n) : NULL;
	const char *from = whole != NULL ? (const char *)whole : "";
	size_t length;
	bool ok;

	from += strspn(from, " \t\r\n");
	length = strlen(from);
	while (length > 0 && strchr(" \t\r\n", from[length - 1]) != NULL)
		length--;
	ok = length < max && text_is_printable(span_of(from, length));
	if (ok) {
		memcpy(out, from, length);
		out[length] = '\0';
	} else
		err_set(e, ERR_MALFORMED,
		    "configuration: line %ld: %s: %zu characters, at most %zu printable ones fit",
		    xmlGetLineNo(n), (const char *)n->name, length, max - 1);
	xmlFree(whole);
	return ok;
}

static bool
bad_value(const xmlNode *n, const char *value, const char *wanted, struct err *e)
{
	char shown[VALUE_SHOWN];

	return err_set(e, ERR_MALFORMED, "configuration: line %ld: %s: '%s' is not %s",
	    xmlGetLineNo(n), (const char *)n->name,
	    text_printable(span_str(value), shown, sizeof shown), wanted);
}

/* A number in an element; out stays as it is when the element is absent or empty. */
static bool
number_of(
    const xmlNode *n, unsigned long max, const char *wanted, unsigned long *out, struct err *e)
{
	char text[VALUE_SHOWN];

	if (!text_of(n, text, sizeof text, e))
		return false;
	if (text[0] == '\0')
		return true;
	return text_number(text, 0, max, out) || bad_value(n, text, wanted, e);
}

static bool
flag_of(const xmlNode *n, bool *out, struct err *e)
{
	char text[VALUE_SHOWN];

	if (!text_of(n, text, sizeof text, e))
		return false;
	if (strcmp(text, "true") == 0)
		*out = true;
	else if (strcmp(text, "false") == 0)
		*out = false;
	else if (text[0] != '\0')
		return bad_value(n, text, "true or false", e);
	return true;
}

static bool
server_of(const xmlNode *n, const char *host, const char *port, struct phonecfg_server *out,
    struct err *e)
{
	unsigned long number = 0;

	*out = (struct phonecfg_server){ 0 };
	if (!text_of(child(n, host), out->host, sizeof out->host, e) ||
	    !number_of(child(n, port), 65535, "a port", &number, e))
		return false;
	if (strchr(out->host, ' ') != NULL)
		return bad_value(child(n, host), out->host, "a host name or address", e);
	out->port = (uint16_t)number;
	return true;
}

static bool
read_capf(const xmlNode *device, struct phonecfg *out, struct err *e)
{
	const xmlNode *list = child(device, "capfList");

	for (xmlNode *n = list != NULL ? list->children : NULL; n != NULL; n = n->next) {
		struct phonecfg_server s;

		if (!is_named(n, "capf"))
			continue;
		if (!server_of(n, "processNodeName", "phonePort", &s, e))
			return false;
		if (s.host[0] == '\0')
			continue;
		if (out->capf_count == PHONECFG_CAPF_MAX)
			return err_set(e, ERR_LIMIT, "configuration: capfList: over %d servers",
			    PHONECFG_CAPF_MAX);
		out->capf[out->capf_count++] = s;
	}
	return true;
}

/* A member and its place, which is its priority and, among equals, that in the file. */
struct member {
	unsigned long priority;
	struct phonecfg_server server;
};

static bool
member_of(xmlNode *n, struct member *out, struct err *e)
{
	xmlChar *text = xmlGetProp(n, (const xmlChar *)"priority");
	bool ok = true;

	out->priority = 0;
	if (text != NULL && !text_number((const char *)text, 0, 255, &out->priority))
		ok = bad_value(n, (const char *)text, "a priority", e);
	xmlFree(text);
	return ok && server_of(n, "address", "port", &out->server, e);
}

static void
member_insert(struct member *members, size_t *count, const struct member *new)
{
	size_t at = *count;

	while (at > 0 && members[at - 1].priority > new->priority) {
		members[at] = members[at - 1];
		at--;
	}
	members[at] = *new;
	(*count)++;
}

static bool
read_tvs(const xmlNode *device, struct phonecfg *out, struct err *e)
{
	const xmlNode *list = child(child(device, "TVS"), "members");
	struct member members[PHONECFG_TVS_READ], m;
	size_t count = 0;

	for (xmlNode *n = list != NULL ? list->children : NULL; n != NULL; n = n->next) {
		if (!is_named(n, "member"))
			continue;
		if (!member_of(n, &m, e))
			return false;
		if (m.server.host[0] == '\0')
			continue;
		if (count == PHONECFG_TVS_READ)
			return err_set(
			    e, ERR_LIMIT, "configuration: TVS: over %d members", PHONECFG_TVS_READ);
		member_insert(members, &count, &m);
	}
	for (size_t i = 0; i < count && i < PHONECFG_TVS_MAX; i++)
		out->tvs[out->tvs_count++] = members[i].server;
	return true;
}

static bool
read_device(const xmlNode *device, struct phonecfg *out, struct err *e)
{
	unsigned long capf = 0, mode = 0;

	if (!flag_of(child(device, "fullConfig"), &out->full_config, e) ||
	    !flag_of(child(device, "encrConfig"), &out->encrypted, e) ||
	    !text_of(child(device, "certHash"), out->cert_hash, sizeof out->cert_hash, e) ||
	    !number_of(child(device, "capfAuthMode"), 4, "0 to 4", &capf, e) ||
	    !number_of(child(device, "deviceSecurityMode"), 3, "0 to 3", &mode, e))
		return false;
	out->capf_auth = (enum phonecfg_capf_auth)capf;
	out->mode = (enum phonecfg_mode)mode;
	return read_capf(device, out, e) && read_tvs(device, out, e);
}

bool
phonecfg_parse(struct span xml, struct phonecfg *out, struct err *e)
{
	xmlDoc *doc;
	const xmlNode *root;
	bool ok;

	doc = phonecfg_xml_read(xml, false, e);
	if (doc == NULL)
		return false;
	*out = (struct phonecfg){ .full_config = true };
	root = xmlDocGetRootElement(doc);
	if (root != NULL && (is_named(root, "device") || is_named(root, "Default")))
		ok = read_device(root, out, e);
	else
		ok = err_set(e, ERR_MALFORMED,
		    "configuration: the root element is not 'device' or 'Default'");
	xmlFreeDoc(doc);
	return ok;
}
