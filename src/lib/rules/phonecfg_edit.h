/*
 * phonecfg_edit: the elements that a wish names, in the tree of a configuration. Internal to
 * phonecfg.
 *
 * Names, values and nesting: doc/protocols/config.md, section 7. An element that is there is
 * changed where it stands, its repetitions go away; a missing one is added at the end.
 */
#ifndef RULES_PHONECFG_EDIT_H
#define RULES_PHONECFG_EDIT_H

#include "rules/phonecfg.h"

struct _xmlNode;

/* Changes what is below the root element. Returns versionStamp, which holds PHONECFG_STAMP_HOLDER;
 * NULL for XMLDefault.cnf.xml, which gets none. */
struct _xmlNode *phonecfg_edit(struct _xmlNode *root, const struct phonecfg_wish *w);

/* Puts text into an element in place of its texts and elements; comments in it stay. */
void phonecfg_edit_text(struct _xmlNode *element, const char *text);

#endif
