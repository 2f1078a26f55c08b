/*
 * Rows: groups of plain required values, as lists hold by the hundred.  For them the generated code
 * tries the usual form first, all items in their places and nothing else, with everything inline; what
 * is not in that form goes the general way.
 */
#include "c_codec.h"

#include "idl/arena.h"
#include "idl/layout.h"

enum { MAX_ROW_FIELDS = 8 };

static bool is_plain(const struct field *f)
{
	const struct type *t = &f->type;

	if (f->presence != PRESENCE_REQUIRED || t->shape != SHAPE_ONE || c_is_strict(t))
		return false;
	switch (t->kind) {
	case TYPE_BOOL:
	case TYPE_STRING:		/* has to be looked through */
	case TYPE_GROUP:
	case TYPE_UNION:
	case TYPE_LINK:
		return false;
	case TYPE_STRUCT:
		return !t->structure->has_checks;
	default:
		return true;
	}
}

/* Header and value of an item of fixed size. */
static uint32_t fixed_length(const struct type *t)
{
	return layout_payload(t) + t->size;
}

bool c_is_row(const struct group *g)
{
	const struct type *last;
	size_t i;

	if (g->is_union || g->command != NULL || g->field_count == 0 ||
	    g->field_count > MAX_ROW_FIELDS)
		return false;
	for (i = 0; i < g->field_count; i++)
		if (!is_plain(&g->fields[i]))
			return false;
	/* So that the whole ends at a multiple of 8. */
	last = &g->fields[g->field_count - 1].type;
	return last->kind != TYPE_BYTES && layout_pad(fixed_length(last)) == fixed_length(last);
}

static const char *num(struct backend *b, uint32_t n)
{
	return arena_printf(b->arena, "%u", n);
}

/*
 * A function that reads a row's fields.  `usual` looks at everything, and says no to what is not in the
 * usual form; otherwise the element has passed that, and only bounds are looked at.
 */
static void emit_row_reader(struct backend *b, const struct group *g, bool usual)
{
	const char *name = c_group(b->names, g);
	bool any_leaf = false;
	size_t i;

	for (i = 0; i < g->field_count; i++)
		any_leaf = any_leaf || g->fields[i].type.kind != TYPE_BYTES;
	emit(b->out,
	     "LWL_ALWAYS_INLINE uint32_t $name$_$kind$(struct $name$ *out, const uint8_t *p, uint32_t left)\n"
	     "{\n"
	     "\tuint32_t at = 8$stop$;\n"
	     "$value$\n",
	     "name", name, "kind", usual ? "usual" : "row",
	     "stop", usual ? ", stop = lwl_usual_group(p, left)" : "",
	     "value", any_leaf ? "\tconst uint8_t *value;\n" : "", NULL);
	for (i = 0; i < g->field_count; i++) {
		const struct field *f = &g->fields[i];
		const char *member = c_member(b->names, f->c.name);
		const struct type *t = &f->type;
		const char *number = num(b, f->number), *load;

		if (t->kind == TYPE_BYTES) {
			const char *read = usual
				? arena_printf(b->arena, "lwl_usual_bytes(&out->%s, p, &at, stop, %s, %u, %u)",
					       member, number, t->min, t->max)
				: arena_printf(b->arena, "lwl_row_bytes(&out->%s, p, &at, left)", member);

			emit(b->out, "\tif (!$read$)\n\t\treturn 0;\n", "read", read, NULL);
			continue;
		}
		if (t->kind == TYPE_STRUCT)
			load = arena_printf(b->arena, "%s_load(&out->%s, value)",
					    c_structure(b->names, t->structure), member);
		else
			load = arena_printf(b->arena, "out->%s = %s", member,
					    c_load(b->arena, c_stored(t), "value"));
		emit(b->out,
		     "\tvalue = $find$, $size$, $align$);\n"
		     "\tif (value == NULL)\n"
		     "\t\treturn 0;\n"
		     "\t$load$;\n",
		     "find", usual ? arena_printf(b->arena, "lwl_usual_leaf(p, &at, stop, %s", number)
				   : "lwl_row_leaf(p, &at, left",
		     "size", num(b, t->size), "align", num(b, t->align), "load", load, NULL);
	}
	emit(b->out, "\treturn at$check$;\n}\n\n", "check", usual ? " == stop ? at : 0" : "", NULL);
}

/* The functions of a row in the header: so that what a loop does not use of an element costs nothing. */
void c_row_emit_next(struct backend *b, const struct group *g)
{
	const char *name = c_group(b->names, g);

	emit_text(b->out, "/* For the two below: an element at `p` in its usual form; its size, or 0 if it "
			  "is not. */\n");
	emit_row_reader(b, g, true);
	emit_text(b->out, "/* The same for one that is known to be. */\n");
	emit_row_reader(b, g, false);
	emit(b->out,
	     "bool $name$_next_of_any(struct lwl_cursor *c, struct $name$ *out);\n\n"
	     "/* The next of a list of these; false at its end. */\n"
	     "LWL_ALWAYS_INLINE bool $name$_next(struct lwl_cursor *c, struct $name$ *out)\n"
	     "{\n"
	     "\tuint32_t size;\n\n"
	     "\tif (c->seq.rows == 0) {\n"
	     "\t\tstruct $name$ any;\t/* so that `out` needs no place in memory */\n"
	     "\t\tbool there = $name$_next_of_any(c, &any);\n\n"
	     "\t\tif (there)\n"
	     "\t\t\t*out = any;\n"
	     "\t\treturn there;\n"
	     "\t}\n"
	     "\tif (c->at >= c->seq.wire)\n"
	     "\t\treturn false;\n"
	     "\tsize = $name$_row(out, (const uint8_t *)c->seq.data + c->at, c->seq.wire - c->at);\n"
	     "\tc->at += size;\n"
	     "\tc->index++;\n"
	     "\treturn size != 0;\n"
	     "}\n\n", "name", name, NULL);
}

/* What a list's reader does before it goes the general way for the rest. */
void c_row_emit_get(struct codec *c, const char *name)
{
	emit(c->out,
	     "\twhile (lwl_next_row(&rows)) {\n"
	     "\t\tstruct $name$ unused;\n\n"
	     "\t\tif (!lwl_take_row(&rows, $name$_usual(&unused, rows.at, rows.left)))\n"
	     "\t\t\tbreak;\n"
	     "\t}\n"
	     "\tlwl_end_rows(r, out, &rows);\n", "name", name, NULL);
}

/* Write one element whole if it surely fits; false: go the general way. */
void c_row_emit_put(struct codec *c, const struct group *g)
{
	struct backend *b = c->b;
	uint32_t fixed = 8;
	size_t i;

	emit(c->out,
	     "static bool put_$name$_usual(struct lwl_writer *w, uint16_t number, "
	     "const struct $name$ *in)\n"
	     "{\n"
	     "\tuint32_t size = ", "name", c_group(b->names, g), NULL);
	for (i = 0; i < g->field_count; i++)
		if (g->fields[i].type.kind != TYPE_BYTES)
			fixed += layout_pad(fixed_length(&g->fields[i].type));
	emit_text(c->out, num(b, fixed));
	for (i = 0; i < g->field_count; i++)
		if (g->fields[i].type.kind == TYPE_BYTES)
			emit(c->out, " + lwl_padded(4 + in->$name$.len)", "name",
			     c_member(b->names, g->fields[i].c.name), NULL);
	emit_text(c->out, ";\n\tuint8_t *p;\n\n");
	for (i = 0; i < g->field_count; i++) {
		const struct type *t = &g->fields[i].type;

		if (t->kind == TYPE_BYTES)
			emit(c->out, "\tif ($low$in->$name$.len > $max$)\n\t\treturn false;\n",
			     "low", t->min > 0 ? arena_printf(b->arena, "in->%s.len < %u || ",
				c_member(b->names, g->fields[i].c.name), t->min) : "",
			     "name", c_member(b->names, g->fields[i].c.name), "max", num(b, t->max), NULL);
	}
	emit(c->out,
	     "\tif (!lwl_begin_row(w, number, size))\n"
	     "\t\treturn false;\n"
	     "\tp = w->buf + w->at - size + 8;\n", NULL);
	for (i = 0; i < g->field_count; i++) {
		const struct field *f = &g->fields[i];
		const struct type *t = &f->type;
		const char *member = c_member(b->names, f->c.name), *number = num(b, f->number);
		uint32_t length = fixed_length(t), start = length - t->size;
		const char *place = arena_printf(b->arena, "p + %u", start);

		if (t->kind == TYPE_BYTES) {
			emit(c->out, "\tp = lwl_store_bytes(p, $number$, in->$member$);\n",
			     "number", number, "member", member, NULL);
			continue;
		}
		emit(c->out, "\tlwl_store_head(p, $number$, $length$);\n", "number", number,
		     "length", num(b, length), NULL);
		if (t->kind == TYPE_STRUCT)
			emit(c->out, "\tstore_$type$($place$, &in->$member$);\n",
			     "type", c_structure(b->names, t->structure), "place", place,
			     "member", member, NULL);
		else
			emit(c->out, "\t$store$;\n", "store",
			     c_store(b->arena, c_stored(t), place,
				     arena_printf(b->arena, "in->%s", member)), NULL);
		emit(c->out, "\tp += $padded$;\n", "padded", num(b, layout_pad(length)), NULL);
	}
	emit_text(c->out, "\treturn true;\n}\n\n");
}
