#include "rules/phonecfg_build.h"

#include "rules/phonecfg_edit.h"
#include "rules/phonecfg_fill.h"
#include "rules/phonecfg_stamp.h"
#include "rules/phonecfg_xml.h"

#include <libxml/tree.h>

#include <stdio.h>
#include <stdlib.h>

static const char root_device[] = "device";
static const char root_default[] = "Default";

static xmlNode *
root_of(xmlDoc *doc, const char *name, struct err *e)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	if (root != NULL && strcmp((const char *)root->name, name) == 0)
		return root;
	err_set(e, ERR_MALFORMED, "configuration: line %ld: the root element is not '%s'",
	    root != NULL ? xmlGetLineNo(root) : 0, name);
	return NULL;
}

/* libxml2 2.9 writes the names of namespaces as they are: one that needs a reference would come out
 * as another name, or as no XML at all. */
static bool
namespaces_check(xmlNode *root, struct err *e)
{
	for (xmlNode *n = root; n != NULL; n = phonecfg_xml_next(n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
			if (ns->href != NULL && strpbrk((const char *)ns->href, "&<\t\r\n") != NULL)
				return err_set(e, ERR_REFUSED,
				    "configuration: line %ld: the name of a namespace has white "
				    "space, '&' or '<' in it",
				    xmlGetLineNo(n));
	}
	return true;
}

/* The document as UTF-8; format: with line ends and indentation of our own. */
static struct bytes
dump(xmlDoc *doc, bool format)
{
	struct bytes out;
	xmlChar *text = NULL;
	int size = 0;

	xmlDocDumpFormatMemoryEnc(doc, &text, &size, "UTF-8", format);
	if (text == NULL)
		abort();
	out = bytes_copy(span_of(text, (size_t)size));
	xmlFree(text);
	return out;
}

static bool
size_check(const struct bytes *built, struct span from, struct err *e)
{
	return built->n <= PHONECFG_MAX ||
	       err_set(e, ERR_LIMIT,
		   "configuration: %zu bytes when built (%zu before), phones load %d at most",
		   built->n, from.n, PHONECFG_MAX);
}

/* version: where the stamp goes; NULL: the document has none. */
static bool
dump_stamped(
    xmlDoc *doc, xmlNode *version, struct bytes *out, char stamp[PHONECFG_STAMP_MAX], struct err *e)
{
	bool is_put;

	*out = dump(doc, false);
	stamp[0] = '\0';
	if (version == NULL)
		return true;
	if (!phonecfg_stamp_put(out, stamp, &is_put, e)) {
		bytes_free(out);
		return false;
	}
	if (is_put)
		return true;
	bytes_free(out);
	phonecfg_edit_text(version, stamp);
	*out = dump(doc, false);
	return true;
}

/* --- the three --- */

static bool
edit(xmlDoc *doc, const struct phonecfg_wish *w, xmlNode **version, size_t *in_attributes,
    struct err *e)
{
	xmlNode *root = root_of(doc, w->is_default ? root_default : root_device, e);

	*in_attributes = 0;
	if (root == NULL || !namespaces_check(root, e) ||
	    (w->lookup != NULL && !phonecfg_fill(doc, w->lookup, w->arg, in_attributes, e)))
		return false;
	*version = phonecfg_edit(root, w);
	return true;
}

/* The tree with what w says in it; *version: where the stamp goes. xmlFreeDoc. */
static xmlDoc *
edited(struct span xml, const struct phonecfg_wish *w, xmlNode **version, size_t *in_attributes,
    struct err *e)
{
	xmlDoc *doc = phonecfg_xml_read(xml, true, e);

	if (doc == NULL || edit(doc, w, version, in_attributes, e))
		return doc;
	xmlFreeDoc(doc);
	return NULL;
}

bool
phonecfg_build(struct span xml, const struct phonecfg_wish *w, struct bytes *out,
    char stamp[PHONECFG_STAMP_MAX], struct err *e)
{
	char own[PHONECFG_STAMP_MAX];
	size_t in_attributes;
	xmlNode *version;
	xmlDoc *doc = edited(xml, w, &version, &in_attributes, e);
	bool ok;

	if (doc == NULL)
		return false;
	ok = dump_stamped(doc, version, out, stamp != NULL ? stamp : own, e);
	xmlFreeDoc(doc);
	if (ok && !size_check(out, xml, e)) {
		bytes_free(out);
		return false;
	}
	return ok;
}

bool
phonecfg_build_unstamped(
    struct span xml, const struct phonecfg_wish *w, struct bytes *out, size_t *in_attributes)
{
	xmlNode *version;
	xmlDoc *doc = edited(xml, w, &version, in_attributes, NULL);

	if (doc == NULL)
		return false;
	*out = dump(doc, false);
	xmlFreeDoc(doc);
	return true;
}

static void
stub_add(xmlDoc *stub, const char *name, const char *text)
{
	xmlNode *n = xmlNewDocNode(stub, NULL, (const xmlChar *)name, NULL);

	if (n == NULL || xmlAddChild(xmlDocGetRootElement(stub), n) == NULL)
		abort();
	phonecfg_edit_text(n, text);
}

/* Copies what a phone needs on its way to CAPF, in the order of the full file. */
static void
stub_copy(xmlDoc *stub, const xmlNode *device)
{
	static const char *const names[] = {
		"ipAddressMode",
		"loadInformation",
		"capfAuthMode",
		"capfList",
	};
	bool copied[sizeof names / sizeof names[0]] = { false };

	for (xmlNode *n = device->children; n != NULL; n = n->next)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			xmlNode *copy;

			if (n->type != XML_ELEMENT_NODE || copied[i] ||
			    strcmp((const char *)n->name, names[i]) != 0)
				continue;
			copy = xmlDocCopyNode(n, stub, 1);
			if (copy == NULL || !xmlAddChild(xmlDocGetRootElement(stub), copy))
				abort();
			copied[i] = true;
		}
}

bool
phonecfg_stub(struct span full, const char *cert_hash, struct bytes *out, struct err *e)
{
	xmlDoc *doc = phonecfg_xml_read(full, false, e), *stub;
	const xmlNode *device;

	if (doc == NULL)
		return false;
	device = root_of(doc, root_device, e);
	if (device == NULL) {
		xmlFreeDoc(doc);
		return false;
	}
	stub = xmlNewDoc((const xmlChar *)"1.0");
	if (stub == NULL)
		abort();
	xmlDocSetRootElement(stub, xmlNewDocNode(stub, NULL, (const xmlChar *)root_device, NULL));
	stub_add(stub, "fullConfig", "false");
	stub_copy(stub, device);
	stub_add(stub, "certHash", cert_hash);
	stub_add(stub, "encrConfig", "true");
	*out = dump(stub, true);
	xmlFreeDoc(stub);
	xmlFreeDoc(doc);
	return true;
}

bool
phonecfg_version(struct span xml, char *out, size_t out_max, struct err *e)
{
	xmlDoc *doc = phonecfg_xml_read(xml, false, e);
	const xmlNode *root;

	if (doc == NULL)
		return false;
	out[0] = '\0';
	root = xmlDocGetRootElement(doc);
	for (xmlNode *n = root->children; n != NULL; n = n->next) {
		xmlChar *text;

		if (n->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)n->name, "versionStamp") != 0)
			continue;
		text = xmlNodeGetContent(n);
		snprintf(out, out_max, "%s", text != NULL ? (const char *)text : "");
		xmlFree(text);
		break;
	}
	xmlFreeDoc(doc);
	return true;
}
