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

/* The least that the fields from `from` on take, with padding. */
static uint32_t least_size(const struct group *g, size_t from)
{
	uint32_t size = 0;

	for (; from < g->field_count; from++) {
		const struct type *t = &g->fields[from].type;

		size += layout_pad(t->kind == TYPE_BYTES ? layout_payload(t) + t->min : fixed_length(t));
	}
	return size;
}

/* "p + at", "p + at + 8". */
static const char *behind(struct backend *b, const char *place, uint32_t n)
{
	return n == 0 ? place : arena_printf(b->arena, "%s + %u", place, n);
}

static void emit_bytes_reader(struct backend *b, const struct group *g, size_t i, bool usual)
{
	const struct field *f = &g->fields[i];
	uint32_t rest = least_size(g, i + 1);
	const char *stop = usual ? "size" : "left";

	if (rest > 0)
		stop = arena_printf(b->arena, "%s - %u", stop, rest);
	emit(b->out, "\tif (!lwl_$kind$_bytes(&out->$name$, p, &at, $stop$$bounds$))\n\t\treturn 0;\n",
	     "kind", usual ? "usual" : "row", "name", c_member(b->names, f->c.name), "stop", stop,
	     "bounds", usual ? arena_printf(b->arena, ", %u, %u, %u", f->number, f->type.min, f->type.max)
			     : "", NULL);
}

/*
 * A function that reads a row's fields.  `usual` looks at everything, and says no to what is not in the
 * usual form; otherwise the element has passed that, and only bounds are looked at.
 */
static void emit_row_reader(struct backend *b, const struct group *g, bool usual)
{
	const char *least = num(b, 8 + least_size(g, 0));
	size_t i;

	emit(b->out,
	     "LWL_ALWAYS_INLINE uint32_t $name$_$kind$(struct $name$ *out, const uint8_t *p, "
	     "uint32_t left$id$)\n"
	     "{\n", "name", c_group(b->names, g), "kind", usual ? "usual" : "row",
	     "id", usual ? ", uint32_t id" : "", NULL);
	if (usual)
		emit(b->out,
		     "\tuint32_t size = lwl_usual_group(p, left, id, $least$), at = 8;\n\n"
		     "\tif (size == 0)\n\t\treturn 0;\n", "least", least, NULL);
	else
		emit(b->out, "\tuint32_t at = 8;\n\n\tif (left < $least$)\n\t\treturn 0;\n",
		     "least", least, NULL);
	for (i = 0; i < g->field_count; i++) {
		const struct field *f = &g->fields[i];
		const struct type *t = &f->type;
		const char *member = c_member(b->names, f->c.name);
		uint32_t length;

		if (t->kind == TYPE_BYTES) {
			emit_bytes_reader(b, g, i, usual);
			continue;
		}
		length = fixed_length(t);
		if (usual)
			emit(b->out, "\tif (!lwl_is_leaf(p + at, $number$, $size$, $align$))\n"
			     "\t\treturn 0;\n", "number", num(b, f->number), "size", num(b, t->size),
			     "align", num(b, t->align), NULL);
		if (t->kind == TYPE_STRUCT)
			emit(b->out, "\t$type$_load(&out->$member$, $place$);\n",
			     "type", c_structure(b->names, t->structure), "member", member,
			     "place", behind(b, "p + at", length - t->size), NULL);
		else
			emit(b->out, "\tout->$member$ = $load$;\n", "member", member,
			     "load", c_load(b->arena, c_stored(t), behind(b, "p + at", length - t->size)),
			     NULL);
		emit(b->out, "\tat += $padded$;\n", "padded", num(b, layout_pad(length)), NULL);
	}
	emit(b->out, "\treturn at$check$;\n}\n\n", "check", usual ? " == size ? size : 0" : "", NULL);
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
	     "\t\t/* Copies, so that neither of the two needs a place in memory. */\n"
	     "\t\tstruct lwl_cursor cursor = *c;\n"
	     "\t\tstruct $name$ element;\n"
	     "\t\tbool there = $name$_next_of_any(&cursor, &element);\n\n"
	     "\t\t*c = cursor;\n"
	     "\t\tif (there)\n"
	     "\t\t\t*out = element;\n"
	     "\t\treturn there;\n"
	     "\t}\n"
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
	     "\twhile (lwl_take_row(&rows, $name$_usual(&unused, rows.at, rows.left, rows.id)))\n"
	     "\t\t;\n"
	     "\tlwl_end_rows(r, out, rows, max);\n", "name", name, NULL);
}

static void emit_row_stores(struct codec *c, const struct group *g)
{
	struct backend *b = c->b;
	uint32_t at = 0;
	size_t i;

	for (i = 0; i < g->field_count; i++) {
		const struct field *f = &g->fields[i];
		const struct type *t = &f->type;
		const char *member = c_member(b->names, f->c.name), *number = num(b, f->number), *place;
		uint32_t length;

		if (t->kind == TYPE_BYTES) {
			emit(c->out, "\t\tp = lwl_store_bytes($place$, $number$, in->$member$);\n",
			     "place", behind(b, "p", at), "number", number, "member", member, NULL);
			at = 0;
			continue;
		}
		length = fixed_length(t);
		place = behind(b, "p", at + length - t->size);
		emit(c->out, "\t\tlwl_store_head($place$, $number$, $length$);\n",
		     "place", behind(b, "p", at), "number", number, "length", num(b, length), NULL);
		if (t->kind == TYPE_STRUCT)
			emit(c->out, "\t\tstore_$type$($place$, &in->$member$);\n",
			     "type", c_structure(b->names, t->structure), "place", place,
			     "member", member, NULL);
		else
			emit(c->out, "\t\t$store$;\n", "store",
			     c_store(b->arena, c_stored(t), place,
				     arena_printf(b->arena, "in->%s", member)), NULL);
		at += layout_pad(length);
	}
}

/* Write the elements of a host array whole, up to the first that may not fit, or may not be written. */
void c_row_emit_put(struct codec *c, const struct group *g)
{
	struct backend *b = c->b;
	const char *name = c_group(b->names, g), *size = "", *bounds = "";
	uint32_t fixed = 8;
	size_t i;

	for (i = 0; i < g->field_count; i++) {
		const struct type *t = &g->fields[i].type;
		const char *member = c_member(b->names, g->fields[i].c.name);

		if (t->kind != TYPE_BYTES) {
			fixed += layout_pad(fixed_length(t));
			continue;
		}
		size = arena_printf(b->arena, "%s + lwl_padded(4 + in->%s.len)", size, member);
		bounds = arena_printf(b->arena, "%s\t\tif (%sin->%s.len > %u)\n\t\t\tbreak;\n", bounds,
				      t->min > 0 ? arena_printf(b->arena, "in->%s.len < %u || ", member,
								t->min) : "", member, t->max);
	}
	emit(c->out,
	     "static void put_$name$_rows(struct lwl_writer *w, struct lwl_list *list)\n"
	     "{\n"
	     "\tstruct lwl_row_writer rows = lwl_begin_put_rows(w, list);\n"
	     "\tconst struct $name$ *in = list->cursor.seq.data;\n\n"
	     "\tfor (; rows.more > 0; in++) {\n"
	     "\t\tuint8_t *p;\n\n"
	     "$bounds$"
	     "\t\tp = lwl_put_row(&rows, $fixed$$size$);\n"
	     "\t\tif (p == NULL)\n"
	     "\t\t\tbreak;\n",
	     "name", name, "bounds", bounds, "fixed", num(b, fixed), "size", size, NULL);
	emit_row_stores(c, g);
	emit_text(c->out, "\t}\n\tlwl_end_put_rows(w, list, rows);\n}\n\n");
}
