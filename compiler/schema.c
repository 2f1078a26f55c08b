/*
 * The binary schema.  The compiler never includes the runtime, so the few kinds of items that the
 * records need are written here; the tests read them with the decoders of schemas/schema.lwl.
 */
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "idl/arena.h"
#include "idl/layout.h"

/* Numbers and bounds of schemas/schema.lwl. */
enum record {
	RECORD_LIBRARY = 1, RECORD_CONSTANT, RECORD_ENUMERATION, RECORD_STRUCTURE, RECORD_GROUP,
	RECORD_IFACE, RECORD_NOTE, RECORD_END
};

enum {
	INTERFACE_ID = 0x70,
	FORMAT = 1,
	LIST_BYTES = 60000,
	MAX_LIBRARY_NAME = 60000,
	MAX_NOTE = 60000,
	MAX_FIELDS = 1200, MAX_MEMBERS = 2000, MAX_COMMANDS = 255
};

enum { GROUP_ITEM = 0x8000, ITEM_HEADER = 4, WIDE_HEADER = 8 };
enum { NOTE_DOC, NOTE_DEPRECATED };
enum { FORM_NAMED, FORM_UNION, FORM_MESSAGE };

static const uint32_t ANY = UINT32_MAX;

struct place {				/* where a declaration is among those of its kind */
	const void *declaration;
	uint32_t index;
	UT_hash_handle hh;
};

struct writer {
	struct output *out;
	size_t message;			/* where the one at hand starts */
	struct arena *arena;
	struct place *places;
	uint32_t libraries, constants, enumerations, structures, groups, interfaces;
};

/* ---- bytes ---- */

static void put(struct writer *w, const void *data, size_t size)
{
	struct output *out = w->out;

	if (out->room - out->length < size) {
		out->room = (out->length + size) * 2;
		out->text = realloc(out->text, out->room);
		if (out->text == NULL) {
			fputs("lwlc: out of memory\n", stderr);
			exit(2);
		}
	}
	if (size > 0)
		memcpy(out->text + out->length, data, size);
	out->length += size;
}

static void put_number(struct writer *w, uint64_t value, size_t size)
{
	unsigned char bytes[8];
	size_t i;

	for (i = 0; i < size; i++, value >>= 8)
		bytes[i] = (unsigned char)(value & 0xff);
	put(w, bytes, size);
}

static uint32_t written(const struct writer *w)
{
	return (uint32_t)(w->out->length - w->message);
}

/* Zeros up to where the next item, or message, starts: what ends last of all is not padded yet. */
static void pad(struct writer *w)
{
	put_number(w, 0, layout_pad(written(w)) - written(w));
}

static void put_length(struct writer *w, size_t at, size_t length)
{
	w->out->text[at] = (char)(length & 0xff);
	w->out->text[at + 1] = (char)(length >> 8 & 0xff);
}

static void begin_message(struct writer *w, enum record record)
{
	w->message = w->out->length;
	put_number(w, 0, 8);
	put_number(w, 0, 4);
	put_number(w, INTERFACE_ID << 8 | record, 2);
	put_number(w, 0, 2);
}

static void end_message(struct writer *w)
{
	put_length(w, w->message + MESSAGE_HEADER - 2, written(w));
	pad(w);
}

/* Header of a leaf with `size` bytes of payload from `start` on. */
static void put_leaf(struct writer *w, unsigned number, size_t start, size_t size)
{
	pad(w);
	put_number(w, number, 2);
	put_number(w, start + size, 2);
	put_number(w, 0, start - ITEM_HEADER);
}

static void put_scalar(struct writer *w, unsigned number, uint64_t value, size_t size)
{
	put_leaf(w, number, size == 8 ? WIDE_HEADER : ITEM_HEADER, size);
	put_number(w, value, size);
}

static void put_unless_0(struct writer *w, unsigned number, uint64_t value, size_t size)
{
	if (value != 0)
		put_scalar(w, number, value, size);
}

static void put_text(struct writer *w, unsigned number, const char *text, size_t length)
{
	put_leaf(w, number, ITEM_HEADER, length);
	put(w, text, length);
}

static void put_name(struct writer *w, unsigned number, const struct common *c)
{
	put_text(w, number, c->name, strlen(c->name));
}

static size_t begin_group(struct writer *w, unsigned number)
{
	size_t at;

	pad(w);
	at = w->out->length;
	put_number(w, number | GROUP_ITEM, WIDE_HEADER);
	return at;
}

static void end_group(struct writer *w, size_t at)
{
	put_length(w, at + 2, w->out->length - at);
}

/* ---- indices ---- */

static void give_index(struct writer *w, const void *declaration, uint32_t *count)
{
	struct place *place = arena_alloc(w->arena, sizeof *place);

	place->declaration = declaration;
	place->index = (*count)++;
	HASH_ADD_PTR(w->places, declaration, place);
}

static bool has_index(struct writer *w, const void *declaration)
{
	struct place *place;

	HASH_FIND_PTR(w->places, &declaration, place);
	return place != NULL;
}

static uint32_t index_of(struct writer *w, const void *declaration)
{
	struct place *place;

	HASH_FIND_PTR(w->places, &declaration, place);
	return place->index;
}

/* Those that are used come first; `use` has no cycles, and ids keep its chains short. */
static void index_interface(struct writer *w, const struct interface *interface)
{
	size_t i;

	if (has_index(w, interface))
		return;
	for (i = 0; i < interface->use_count; i++)
		index_interface(w, interface->uses[i]);
	give_index(w, interface, &w->interfaces);
}

static void index_library(struct writer *w, const struct library *library)
{
	size_t i, k;

	give_index(w, library, &w->libraries);
	for (i = 0; i < library->structure_count; i++)
		give_index(w, library->structures[i], &w->structures);
	for (i = 0; i < library->group_count; i++)
		give_index(w, library->groups[i], &w->groups);
	for (i = 0; i < library->declaration_count; i++) {
		const struct declaration *d = &library->declarations[i];

		if (d->kind == DECL_CONSTANT)
			w->constants++;
		else if (d->kind == DECL_ENUM)
			give_index(w, d->enumeration, &w->enumerations);
		if (d->kind != DECL_INTERFACE)
			continue;
		index_interface(w, d->interface);
		for (k = 0; k < d->interface->command_count; k++) {
			const struct command *c = &d->interface->commands[k];

			give_index(w, c->request, &w->groups);
			if (c->response != NULL)
				give_index(w, c->response, &w->groups);
		}
	}
}

/* ---- notes ---- */

static void emit_note(struct writer *w, unsigned kind, const uint32_t *member, const char *text)
{
	size_t left = strlen(text);

	do {
		size_t length = left < MAX_NOTE ? left : MAX_NOTE;

		/* Not within a character. */
		while (length < left && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		begin_message(w, RECORD_NOTE);
		put_unless_0(w, 1, kind, 1);
		if (member != NULL)
			put_scalar(w, 2, *member, 4);
		put_text(w, 3, text, length);
		end_message(w);
		text += length;
		left -= length;
	} while (left > 0);
}

static void emit_notes(struct writer *w, const struct common *c, const uint32_t *member)
{
	if (c->doc != NULL)
		emit_note(w, NOTE_DOC, member, c->doc);
	if (c->deprecated != NULL)
		emit_note(w, NOTE_DEPRECATED, member, c->deprecated);
}

/* ---- records with a list ---- */

/* A declaration that may need several messages. */
struct listing {
	enum record record;
	const void *declaration;
	const struct common *common;
	void (*head)(struct writer *w, const void *declaration, bool first);
	unsigned number;		/* of the list; `more` is the next one */
	size_t count, max;
	void (*element)(struct writer *w, unsigned number, const void *declaration, size_t i);
	const struct common *(*common_of)(const void *declaration, size_t i);
};

/* Elements from `*i` on, as many as one message takes. */
static void put_elements(struct writer *w, const struct listing *l, size_t *i)
{
	size_t room = l->max;
	uint32_t start;

	pad(w);
	start = written(w);
	for (; *i < l->count && room > 0; ++*i, room--) {
		size_t before = w->out->length;

		l->element(w, l->number, l->declaration, *i);
		if (layout_pad(written(w)) - start > LIST_BYTES) {
			w->out->length = before;
			return;
		}
	}
}

static void emit_listing(struct writer *w, const struct listing *l)
{
	size_t i = 0;
	bool first = true;

	do {
		size_t bare;

		begin_message(w, l->record);
		l->head(w, l->declaration, first);
		bare = w->out->length;
		put_elements(w, l, &i);
		if (first && l->count == 0)
			w->out->length = bare;
		put_unless_0(w, l->number + 1, i < l->count, 1);
		end_message(w);
		first = false;
	} while (i < l->count);
	emit_notes(w, l->common, NULL);
	for (i = 0; i < l->count; i++) {
		uint32_t member = (uint32_t)i;

		emit_notes(w, l->common_of(l->declaration, i), &member);
	}
}

/* ---- types and fields ---- */

static uint32_t type_index(struct writer *w, const struct type *t)
{
	switch (t->kind) {
	case TYPE_ENUM: case TYPE_FLAGS:
		return index_of(w, t->enumeration);
	case TYPE_STRUCT:
		return index_of(w, t->structure);
	case TYPE_GROUP: case TYPE_UNION:
		return index_of(w, t->group);
	case TYPE_LINK:
		return t->interface != NULL ? index_of(w, t->interface) : ANY;
	default:
		return 0;
	}
}

static void put_type(struct writer *w, unsigned number, const struct type *t)
{
	bool text = t->kind == TYPE_STRING || t->kind == TYPE_BYTES;
	uint32_t min = text ? t->min : t->shape == SHAPE_ARRAY ? t->max : 0;

	/* Kind and shape stand in the record as they do in the model. */
	put_leaf(w, number, ITEM_HEADER, 20);
	put_number(w, t->kind, 1);
	put_number(w, t->shape, 1);
	put_number(w, 0, 2);
	put_number(w, min, 4);
	put_number(w, text || t->shape != SHAPE_ONE ? t->max : 0, 4);
	put_number(w, t->shape == SHAPE_LIST ? t->list_bytes : 0, 4);
	put_number(w, type_index(w, t), 4);
}

static void put_field(struct writer *w, unsigned number, const struct common *c,
		      const struct type *type, const struct field *field)
{
	size_t group = begin_group(w, number);

	put_name(w, 1, c);
	put_type(w, 2, type);
	if (field != NULL) {
		put_unless_0(w, 3, field->number, 2);
		put_unless_0(w, 4, field->presence, 1);
		if (field->presence == PRESENCE_DEFAULT)
			put_unless_0(w, 5, field->default_bits, 8);
	}
	put_unless_0(w, 6, c->since, 4);
	end_group(w, group);
}

/* ---- the records ---- */

static void emit_library(struct writer *w, const struct library *library)
{
	size_t i;

	begin_message(w, RECORD_LIBRARY);
	put_scalar(w, 1, FORMAT, 4);
	put_name(w, 2, &library->c);
	put_scalar(w, 3, library->version, 4);
	if (library->import_count > 0)
		put_leaf(w, 4, ITEM_HEADER, 4 * library->import_count);
	for (i = 0; i < library->import_count; i++)
		put_number(w, index_of(w, library->imports[i]), 4);
	end_message(w);
	emit_notes(w, &library->c, NULL);
}

static void emit_constant(struct writer *w, const struct constant *constant)
{
	begin_message(w, RECORD_CONSTANT);
	put_name(w, 1, &constant->c);
	put_scalar(w, 2, constant->type.kind, 1);
	put_scalar(w, 3, constant->bits, 8);
	end_message(w);
	emit_notes(w, &constant->c, NULL);
}

static void enumeration_head(struct writer *w, const void *declaration, bool first)
{
	const struct enumeration *e = declaration;

	(void)first;
	put_name(w, 1, &e->c);
	put_scalar(w, 2, e->underlying, 1);
	put_unless_0(w, 3, (e->is_flags ? 1u : 0) | (e->is_flexible ? 2u : 0), 1);
}

static void enumeration_element(struct writer *w, unsigned number, const void *declaration, size_t i)
{
	const struct enum_member *m = &((const struct enumeration *)declaration)->members[i];
	size_t group = begin_group(w, number);

	put_name(w, 1, &m->c);
	put_scalar(w, 2, m->value, 8);
	put_unless_0(w, 3, m->c.since, 4);
	end_group(w, group);
}

static const struct common *enumeration_common(const void *declaration, size_t i)
{
	return &((const struct enumeration *)declaration)->members[i].c;
}

static void emit_enumeration(struct writer *w, const struct enumeration *e)
{
	const struct listing l = {
		RECORD_ENUMERATION, e, &e->c, enumeration_head, 4, e->member_count, MAX_MEMBERS,
		enumeration_element, enumeration_common
	};

	emit_listing(w, &l);
}

static void structure_head(struct writer *w, const void *declaration, bool first)
{
	(void)first;
	put_name(w, 1, &((const struct structure *)declaration)->c);
}

static void structure_element(struct writer *w, unsigned number, const void *declaration, size_t i)
{
	const struct struct_member *m = &((const struct structure *)declaration)->members[i];

	put_field(w, number, &m->c, &m->type, NULL);
}

static const struct common *structure_common(const void *declaration, size_t i)
{
	return &((const struct structure *)declaration)->members[i].c;
}

static void emit_structure(struct writer *w, const struct structure *s)
{
	const struct listing l = {
		RECORD_STRUCTURE, s, &s->c, structure_head, 2, s->member_count, MAX_FIELDS,
		structure_element, structure_common
	};

	emit_listing(w, &l);
}

static void group_head(struct writer *w, const void *declaration, bool first)
{
	const struct group *g = declaration;

	(void)first;
	if (g->command == NULL && !g->is_union)
		put_name(w, 1, &g->c);
	put_unless_0(w, 2, g->is_union ? FORM_UNION : g->command != NULL ? FORM_MESSAGE : FORM_NAMED, 1);
}

static void group_element(struct writer *w, unsigned number, const void *declaration, size_t i)
{
	const struct field *f = &((const struct group *)declaration)->fields[i];

	put_field(w, number, &f->c, &f->type, f);
}

static const struct common *group_common(const void *declaration, size_t i)
{
	return &((const struct group *)declaration)->fields[i].c;
}

static void emit_group(struct writer *w, const struct group *g)
{
	const struct listing l = {
		RECORD_GROUP, g, &g->c, group_head, 3, g->field_count, MAX_FIELDS, group_element,
		group_common
	};

	emit_listing(w, &l);
}

static void interface_head(struct writer *w, const void *declaration, bool first)
{
	const struct interface *interface = declaration;
	size_t i;

	put_name(w, 1, &interface->c);
	put_scalar(w, 2, interface->id, 1);
	if (!first || interface->use_count == 0)
		return;
	put_leaf(w, 3, ITEM_HEADER, 4 * interface->use_count);
	for (i = 0; i < interface->use_count; i++)
		put_number(w, index_of(w, interface->uses[i]), 4);
}

static void interface_element(struct writer *w, unsigned number, const void *declaration, size_t i)
{
	const struct command *c = &((const struct interface *)declaration)->commands[i];
	size_t group = begin_group(w, number);

	put_name(w, 1, &c->c);
	put_scalar(w, 2, c->number, 1);
	put_unless_0(w, 3, (c->is_oneway ? 1u : 0) | (c->is_replay_safe ? 2u : 0), 1);
	put_scalar(w, 4, index_of(w, c->request), 4);
	if (c->response != NULL)
		put_scalar(w, 5, index_of(w, c->response), 4);
	put_unless_0(w, 6, c->c.since, 4);
	end_group(w, group);
}

static const struct common *interface_common(const void *declaration, size_t i)
{
	return &((const struct interface *)declaration)->commands[i].c;
}

static void emit_interface(struct writer *w, const struct interface *interface)
{
	const struct listing l = {
		RECORD_IFACE, interface, &interface->c, interface_head, 4, interface->command_count,
		MAX_COMMANDS, interface_element, interface_common
	};

	emit_listing(w, &l);
}

/* Interfaces in the order of their indices. */
static int by_index(const void *a, const void *b)
{
	const struct place *const *x = a, *const *y = b;

	return ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static void emit_interfaces(struct writer *w, const struct library *library)
{
	struct place **places = arena_array(w->arena, library->declaration_count, sizeof *places);
	size_t i, count = 0;

	for (i = 0; i < library->declaration_count; i++) {
		const void *interface = library->declarations[i].interface;

		if (library->declarations[i].kind != DECL_INTERFACE)
			continue;
		HASH_FIND_PTR(w->places, &interface, places[count]);
		count++;
	}
	if (count > 0)
		qsort(places, count, sizeof *places, by_index);
	for (i = 0; i < count; i++)
		emit_interface(w, places[i]->declaration);
}

/* In the order in which index_library() has numbered each kind. */
static void emit_declarations(struct writer *w, const struct library *library)
{
	size_t i, k;

	emit_library(w, library);
	for (i = 0; i < library->declaration_count; i++) {
		const struct declaration *d = &library->declarations[i];

		if (d->kind == DECL_CONSTANT)
			emit_constant(w, d->constant);
		else if (d->kind == DECL_ENUM)
			emit_enumeration(w, d->enumeration);
	}
	for (i = 0; i < library->structure_count; i++)
		emit_structure(w, library->structures[i]);
	for (i = 0; i < library->group_count; i++)
		emit_group(w, library->groups[i]);
	for (i = 0; i < library->declaration_count; i++) {
		const struct declaration *d = &library->declarations[i];

		for (k = 0; d->kind == DECL_INTERFACE && k < d->interface->command_count; k++) {
			emit_group(w, d->interface->commands[k].request);
			if (d->interface->commands[k].response != NULL)
				emit_group(w, d->interface->commands[k].response);
		}
	}
	emit_interfaces(w, library);
}

static void emit_end(struct writer *w)
{
	begin_message(w, RECORD_END);
	put_leaf(w, 1, ITEM_HEADER, 24);
	put_number(w, w->libraries, 4);
	put_number(w, w->constants, 4);
	put_number(w, w->enumerations, 4);
	put_number(w, w->structures, 4);
	put_number(w, w->groups, 4);
	put_number(w, w->interfaces, 4);
	end_message(w);
}

bool schema_emit(const struct model *model, struct output *out)
{
	struct writer w = { .out = out };
	size_t i;

	for (i = 0; i < model->library_count; i++)
		if (strlen(model->libraries[i]->c.name) > MAX_LIBRARY_NAME)
			return false;
	w.arena = arena_new();
	for (i = 0; i < model->library_count; i++)
		index_library(&w, model->libraries[i]);
	for (i = 0; i < model->library_count; i++)
		emit_declarations(&w, model->libraries[i]);
	emit_end(&w);
	HASH_CLEAR(hh, w.places);
	arena_free(w.arena);
	return true;
}
