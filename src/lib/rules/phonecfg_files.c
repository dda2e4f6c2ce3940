#include "rules/phonecfg_files.h"

#include "base/text.h"
#include "rules/phonecfg_xml.h"

#include <libxml/tree.h>

#include <stdio.h>
#include <string.h>

/* Each goes by the first element of that name, wherever it stands. */
static const struct {
	const char *parent; /* NULL: any */
	const char *element;
	const char *after; /* the element's text, in the file name */
	bool is_firmware;
} named[] = {
	{ NULL, "softKeyFile", "", false },
	{ NULL, "dialTemplate", "", false },
	{ NULL, "featurePolicyFile", "", false },
	{ NULL, "networkLocale", "/g3-tones.xml", false },
	{ "userLocale", "name", "/mk-sip.jar", false },
	{ NULL, "loadInformation", ".loads", true },
};

static const char ring_list[] = "Ringlist.xml";

static bool
is_it(const xmlNode *n, const char *parent, const char *element)
{
	return n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, (const xmlChar *)element) &&
	       (parent == NULL ||
		   (n->parent != NULL && xmlStrEqual(n->parent->name, (const xmlChar *)parent)));
}

/* The node after n in the order of the document; NULL at the end. */
static const xmlNode *
next(const xmlNode *n)
{
	if (n->type == XML_ELEMENT_NODE && n->children != NULL)
		return n->children;
	while (n != NULL && n->next == NULL)
		n = n->parent != NULL && n->parent->type == XML_ELEMENT_NODE ? n->parent : NULL;
	return n != NULL ? n->next : NULL;
}

static bool
text_of(const xmlNode *root, const char *parent, const char *element, char *out, size_t max)
{
	const xmlNode *n = root;
	xmlChar *text;
	bool ok;

	while (n != NULL && !is_it(n, parent, element))
		n = next(n);
	text = n != NULL ? xmlNodeGetContent(n) : NULL;
	ok = text != NULL && *text != '\0' && strlen((const char *)text) < max &&
	     text_is_printable(span_str((const char *)text)) &&
	     strchr((const char *)text, ' ') == NULL;
	if (ok)
		snprintf(out, max, "%s", (const char *)text);
	xmlFree(text);
	return ok;
}

static void
add(struct phonecfg_files *out, const char *text, const char *after, bool is_firmware)
{
	struct phonecfg_file *f = &out->file[out->count];
	size_t n = strlen(text);

	if (out->count == PHONECFG_FILES_MAX || n + strlen(after) >= sizeof f->name)
		return;
	memcpy(f->name, text, n);
	memcpy(f->name + n, after, strlen(after) + 1);
	f->is_firmware = is_firmware;
	out->count++;
}

bool
phonecfg_files(struct span xml, struct phonecfg_files *out, struct err *e)
{
	xmlDoc *doc = phonecfg_xml_read(xml, false, e);
	char text[PHONECFG_FILE_NAME_MAX];

	*out = (struct phonecfg_files){ 0 };
	if (doc == NULL)
		return false;
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		if (text_of(xmlDocGetRootElement(doc), named[i].parent, named[i].element, text,
			sizeof text))
			add(out, text, named[i].after, named[i].is_firmware);
	add(out, ring_list, "", false);
	xmlFreeDoc(doc);
	return true;
}
