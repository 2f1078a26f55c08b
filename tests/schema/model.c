/* What was loaded, against what was compiled: the tables, and the bytes between the two. */
#include "test.h"

#include "schema.lwl.h"

/* ---- tables ---- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static void check_notes(const struct lwl_schema_notes *notes, const struct common *c)
{
	check(same_text(notes->doc, c->doc), "doc comment");
	check(same_text(notes->deprecated, c->deprecated), "deprecated");
	check((notes->deprecated != NULL) == (c->deprecated != NULL), "is deprecated");
	check(notes->since == c->since, "since");
}

static void check_enumeration(const struct lwl_schema_enum *e, const struct enumeration *m)
{
	uint32_t i;

	check(same_text(e->name, m->c.name) && e->is_flags == m->is_flags &&
	      e->is_flexible == m->is_flexible && (int)e->underlying == (int)m->underlying &&
	      e->known_bits == m->known_bits, "enumeration");
	check_notes(&e->notes, &m->c);
	if (!check(e->member_count == m->member_count, "number of members"))
		return;
	for (i = 0; i < e->member_count; i++) {
		const struct lwl_schema_member *member = &e->members[i];

		check(same_text(member->name, m->members[i].c.name) &&
		      member->value == m->members[i].value, "member");
		check_notes(&member->notes, &m->members[i].c);
		check(lwl_schema_member_of(e, member->value) == member, "member by value");
		check(lwl_schema_member_named(e, member->name) == member, "member by name");
	}
}

static void check_type(const struct lwl_schema_type *t, const struct type *m)
{
	bool text = m->kind == TYPE_STRING || m->kind == TYPE_BYTES;

	check((int)t->kind == (int)m->kind && (int)t->shape == (int)m->shape, "kind and shape");
	check(t->size == m->size && t->align == m->align, "size and alignment");
	check(!text || (t->min == m->min && t->max == m->max), "bounds of text");
	check(m->shape == SHAPE_ONE || t->max == m->max, "elements");
	check(m->shape != SHAPE_LIST || t->list_bytes == m->list_bytes, "bytes of a list");
	switch (m->kind) {
	case TYPE_ENUM: case TYPE_FLAGS:
		check(same_text(t->enumeration->name, m->enumeration->c.name), "which enumeration");
		break;
	case TYPE_STRUCT:
		check(same_text(t->structure->name, m->structure->c.name), "which struct");
		break;
	case TYPE_GROUP: case TYPE_UNION:
		check(same_text(t->group->name, m->group->c.name) &&
		      t->group->field_count == m->group->field_count, "which group");
		break;
	case TYPE_LINK:
		check(same_text(t->interface != NULL ? t->interface->name : NULL,
				m->interface != NULL ? m->interface->c.name : NULL), "which interface");
		break;
	default:
		break;
	}
}

static void check_structure(const struct lwl_schema_struct *s, const struct structure *m)
{
	uint32_t i;

	check(same_text(s->name, m->c.name) && s->size == m->size && s->align == m->align, "struct");
	check_notes(&s->notes, &m->c);
	if (!check(s->field_count == m->member_count, "number of members"))
		return;
	for (i = 0; i < s->field_count; i++) {
		const struct lwl_schema_field *f = &s->fields[i];

		check(same_text(f->name, m->members[i].c.name) && f->offset == m->members[i].offset &&
		      f->hole == m->members[i].hole, "member of a struct");
		check_type(&f->type, &m->members[i].type);
		check_notes(&f->notes, &m->members[i].c);
		check(lwl_schema_struct_field(s, f->name) == f, "member by name");
	}
}

static void check_group(const struct lwl_schema_group *g, const struct group *m)
{
	uint32_t i;

	check((g->form == LWL_GROUP_UNION) == m->is_union &&
	      (g->form == LWL_GROUP_MESSAGE) == (m->command != NULL), "form of a group");
	if (!check(g->field_count == m->field_count, "number of fields"))
		return;
	for (i = 0; i < g->field_count; i++) {
		const struct lwl_schema_field *f = &g->fields[i];

		check(same_text(f->name, m->fields[i].c.name) && f->number == m->fields[i].number &&
		      (int)f->presence == (int)m->fields[i].presence, "field");
		check(f->presence != LWL_PRESENCE_DEFAULT ||
		      f->default_bits == m->fields[i].default_bits, "default");
		check_type(&f->type, &m->fields[i].type);
		check_notes(&f->notes, &m->fields[i].c);
		check(lwl_schema_field_named(g, f->name) == f &&
		      lwl_schema_field_numbered(g, f->number) == f, "field by name and number");
	}
}

static void check_message(const struct subject *s, const struct lwl_schema_message *message,
			  const struct group *m, uint32_t room)
{
	check(message->room == room, "largest size");
	check(lwl_schema_find(s->schema, message->name) == message, "message by name");
	check(lwl_schema_next(s->schema, message->command->interface, message->header, NULL) == message,
	      "message by its header");
	check_group(message->items, m);
}

static void check_interface(const struct subject *s, const struct interface *m)
{
	const struct lwl_schema_interface *interface;
	char name[600];
	uint32_t i;

	snprintf(name, sizeof name, "%s.%s", m->library->prefix, m->c.name);
	interface = lwl_schema_find_interface(s->schema, name);
	if (!check(interface != NULL && interface->command_count == m->command_count &&
		   interface->use_count == m->use_count &&
		   interface->closure_count == m->closure_count && interface->id == m->id, "interface"))
		return;
	check_notes(&interface->notes, &m->c);
	for (i = 0; i < interface->use_count; i++)
		check(same_text(interface->uses[i]->name, m->uses[i]->c.name), "use");
	for (i = 0; i < interface->closure_count; i++)
		check(same_text(interface->closure[i]->name, m->closure[i]->c.name), "closure");
	for (i = 0; i < interface->command_count; i++) {
		const struct lwl_schema_command *c = &interface->commands[i];
		const struct command *command = &m->commands[i];

		check(same_text(c->name, command->c.name) && c->number == command->number &&
		      c->is_oneway == command->is_oneway &&
		      c->is_replay_safe == command->is_replay_safe, "command");
		check_notes(&c->notes, &command->c);
		check_message(s, c->request, command->request, command->request_max);
		if (check((c->response != NULL) == !command->is_oneway, "response") && c->response)
			check_message(s, c->response, command->response, command->response_max);
	}
}

/* They are groups, too, and stand behind the others of their library. */
static uint32_t messages_of(const struct interface *interface)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < interface->command_count; i++)
		count += interface->commands[i].response != NULL ? 2 : 1;
	return count;
}

void check_model(const struct subject *s)
{
	const struct model *model = s->idl->model;
	const struct lwl_schema *schema = s->schema;
	uint32_t constants = 0, enums = 0, structs = 0, groups = 0, i;
	size_t k;

	if (!check(schema->library_count == model->library_count, "number of libraries"))
		return;
	for (i = 0; i < schema->library_count; i++) {
		const struct library *library = model->libraries[i];

		check(same_text(schema->libraries[i].name, library->c.name) &&
		      same_text(schema->libraries[i].prefix, library->prefix) &&
		      schema->libraries[i].version == library->version &&
		      schema->libraries[i].import_count == library->import_count, "library");
		check_notes(&schema->libraries[i].notes, &library->c);
		for (k = 0; k < library->structure_count; k++)
			check_structure(&schema->structs[structs++], library->structures[k]);
		for (k = 0; k < library->group_count; k++, groups++) {
			check(same_text(schema->groups[groups].name, library->groups[k]->c.name), "group");
			check_notes(&schema->groups[groups].notes, &library->groups[k]->c);
			check_group(&schema->groups[groups], library->groups[k]);
		}
		for (k = 0; k < library->declaration_count; k++) {
			const struct declaration *d = &library->declarations[k];

			if (d->kind == DECL_ENUM) {
				check_enumeration(&schema->enums[enums++], d->enumeration);
			} else if (d->kind == DECL_CONSTANT) {
				const struct lwl_schema_constant *constant = &schema->constants[constants++];

				check(same_text(constant->name, d->constant->c.name) &&
				      constant->bits == d->constant->bits, "constant");
				check_notes(&constant->notes, &d->constant->c);
			} else if (d->kind == DECL_INTERFACE) {
				check_interface(s, d->interface);
				groups += messages_of(d->interface);
			}
		}
	}
	check(constants == schema->constant_count && enums == schema->enum_count &&
	      structs == schema->struct_count && groups == schema->group_count, "numbers of all");
	check(same_text(schema->library->name, model->library->c.name), "the library itself");
}

/* ---- bytes ---- */

/* A record as the generated code reads it, and writes it again. */
#define AGAIN(name) \
	static bool name##_again(const uint8_t *msg, size_t len, struct lwl_writer *w) \
	{ \
		struct schema_records_##name##_msg record; \
		struct lwl_error err; \
		return schema_records_##name##_msg_decode(&record, msg, len, &err) == 0 && \
		       schema_records_##name##_msg_encode(w, &record) == 0; \
	}

AGAIN(library)
AGAIN(constant)
AGAIN(enumeration)
AGAIN(structure)
AGAIN(group)
AGAIN(iface)
AGAIN(note)
AGAIN(end)

static bool record_again(const uint8_t *msg, size_t len, struct lwl_writer *w)
{
	switch (lwl_load16(msg + 12)) {
	case SCHEMA_RECORDS_LIBRARY: return library_again(msg, len, w);
	case SCHEMA_RECORDS_CONSTANT: return constant_again(msg, len, w);
	case SCHEMA_RECORDS_ENUMERATION: return enumeration_again(msg, len, w);
	case SCHEMA_RECORDS_STRUCTURE: return structure_again(msg, len, w);
	case SCHEMA_RECORDS_GROUP: return group_again(msg, len, w);
	case SCHEMA_RECORDS_IFACE: return iface_again(msg, len, w);
	case SCHEMA_RECORDS_NOTE: return note_again(msg, len, w);
	case SCHEMA_RECORDS_END: return end_again(msg, len, w);
	default: return false;
	}
}

void check_records(const struct subject *s)
{
	static uint8_t again[MESSAGE_BYTES];
	const uint8_t *bytes = (const uint8_t *)s->bytes.text;
	size_t at = 0;

	while (at < s->bytes.length) {
		size_t len = lwl_padded(lwl_load16(bytes + at + 14));
		struct lwl_writer w;

		lwl_writer_init(&w, again, sizeof again, 0, 0);
		if (!check(record_again(bytes + at, len, &w) && lwl_writer_size(&w) == len &&
			   memcmp(again, bytes + at, len) == 0, "a record, read and written again"))
			return;
		at += len;
	}
}
