/*
 * phonecfg_xml: reading a configuration as a tree. Internal to phonecfg: the files that include
 * libxml2 are those that tests/arch/layers.py names.
 */
#ifndef RULES_PHONECFG_XML_H
#define RULES_PHONECFG_XML_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

struct _xmlDoc;
struct _xmlNode;

/* The tree of a configuration of at most PHONECFG_MAX bytes, freed with xmlFreeDoc. blanks: white
 * space between elements is kept. Never fetches anything and never reads a document type. NULL
 * with the errors of phonecfg_parse. */
must_use struct _xmlDoc *phonecfg_xml_read(struct span xml, bool blanks, struct err *e);

/* The node after n in the order of the document: its first child, or what follows it. NULL at the
 * end. */
struct _xmlNode *phonecfg_xml_next(struct _xmlNode *n);

#endif
