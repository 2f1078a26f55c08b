#!/usr/bin/env python3
"""Schemas made at random, each with one change whose verdict is known: `lwlc diff` gives that verdict,
names what changed, and finds nothing else.

    evolve.py LWLC SCRATCH [SEED [COUNT]]"""

import copy
import json
import os
import random
import subprocess
import sys

INTEGERS = ['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64']
SCALARS = INTEGERS + ['f32', 'f64', 'bool']
OLD, NEW = 'old readers of new messages', 'new readers of old messages'
BOTH = {OLD, NEW}


class Schema:
    """Declarations as dictionaries; text() writes them in any order."""

    def __init__(self, rng):
        self.rng, self.version, self.count = rng, rng.randint(1, 9), 0
        self.enums, self.structs, self.groups, self.interfaces, self.constants = [], [], [], [], []
        for _ in range(rng.randint(2, 4)):
            self.enums.append(self.enum())
        for _ in range(rng.randint(1, 3)):
            self.structs.append(self.struct())
        for number in range(rng.randint(1, 3)):
            self.interfaces.append({'name': self.name('Face'), 'id': 1 + number, 'commands': [],
                                    'reserved': [200], 'uses': []})
        for _ in range(rng.randint(2, 4)):
            self.groups.append({'name': self.name('Group'), 'fields': self.fields(),
                                'reserved': [100, 101]})
        for interface in self.interfaces:
            for _ in range(rng.randint(1, 3)):
                interface['commands'].append(self.command(interface))
        for _ in range(2):
            self.constants.append({'name': self.name('CONST'), 'value': rng.randint(0, 99)})

    def name(self, stem):
        self.count += 1
        return '%s%d' % (stem, self.count)

    def enum(self):
        values = self.rng.sample(range(0, 7), self.rng.randint(2, 4))
        return {'name': self.name('Enum'), 'is_flags': self.rng.random() < 0.4,
                'flexible': self.rng.random() < 0.5, 'type': self.rng.choice(['u8', 'u16', 'u32']),
                'members': [[self.name('M'), value] for value in values], 'reserved': [7]}

    def struct(self):
        return {'name': self.name('Struct'), 'members': [
            [self.rng.choice(SCALARS + [enum['name'] for enum in self.enums]), self.name('m'),
             self.rng.choice([0, 0, 0, 3])] for _ in range(self.rng.randint(2, 5))]}

    def field(self, number, in_union=False):
        rng = self.rng
        field = {'number': number, 'name': self.name('f'), 'presence': 'required', 'shape': ''}
        kind = rng.choice(['scalar'] * 4 + ['text', 'enum', 'struct', 'link', 'group', 'union'])
        if (kind == 'group' and not self.groups) or (kind == 'union' and in_union):
            kind = 'scalar'
        if kind == 'scalar':
            field['type'] = rng.choice(SCALARS)
        elif kind == 'text':
            field['type'] = rng.choice(['string', 'bytes'])
            field['bounds'] = [rng.randint(1, 4), rng.randint(5, 20)]
        elif kind == 'union':
            field['type'] = 'union'
            field['fields'] = [self.field(n, True) for n in rng.sample(range(1, 20), 3)]
            field['reserved'] = [100]
        elif kind == 'link':
            field['type'] = 'link<%s>' % rng.choice(self.interfaces)['name']
        else:
            field['type'] = rng.choice({'enum': self.enums, 'struct': self.structs,
                                        'group': self.groups}[kind])['name']
        if in_union:
            return field
        choice = rng.random()
        if choice < 0.3 and kind not in ('text', 'union'):
            field['shape'], field['count'], field['presence'] = 'list', rng.randint(2, 4), 'list'
        elif choice < 0.6:
            field['presence'] = 'optional'
        elif choice < 0.8 and kind == 'scalar' and field['type'] in INTEGERS:
            field['presence'], field['default'] = 'default', rng.randint(0, 9)
        elif choice < 0.7 and kind == 'scalar':
            field['shape'], field['count'] = 'array', rng.randint(2, 4)
        return field

    def fields(self):
        return [self.field(number)
                for number in self.rng.sample(range(1, 30), self.rng.randint(2, 5))]

    def command(self, interface):
        taken = [command['number'] for command in interface['commands']]
        number = self.rng.choice([n for n in range(1, 30) if n not in taken])
        command = {'name': self.name('c'), 'number': number, 'safe': self.rng.random() < 0.5,
                   'oneway': self.rng.random() < 0.3, 'request': self.fields(),
                   'response': self.fields(), 'request_reserved': [100],
                   'response_reserved': [100]}
        return command

    def bodies(self):
        """(subject, fields, reserved numbers, is a union) of all groups, messages and unions."""
        found = [(group['name'], group['fields'], group['reserved'], False)
                 for group in self.groups]
        for interface in self.interfaces:
            for command in interface['commands']:
                subject = '%s.%s' % (interface['name'], command['name'])
                if command['oneway']:
                    found.append((subject, command['request'], command['request_reserved'], False))
                    continue
                for part in ('request', 'response'):
                    found.append(('%s %s' % (subject, part), command[part],
                                  command[part + '_reserved'], False))
        for subject, fields, _, _ in list(found):
            for field in fields:
                if field['type'] == 'union':
                    found.append(("%s, item %d '%s'" % (subject, field['number'], field['name']),
                                  field['fields'], field['reserved'], True))
        return found

    # Text

    def field_text(self, field):
        text = field['type']
        if text in ('string', 'bytes'):
            text += '<%d..%d>' % tuple(field['bounds'])
        elif text == 'union':
            text += ' ' + self.body_text(field)
        text += {'': '', 'array': '[%d]', 'list': '[..%d]'}[field['shape']] % \
            (() if not field['shape'] else field['count'])
        if field['presence'] == 'optional':
            text += '?'
        text = '%d: %s %s' % (field['number'], text, field['name'])
        if field['presence'] == 'default':
            text += ' = %d' % field['default']
        return text + ';'

    def reserved_text(self, reserved):
        return ' reserved %s;' % ', '.join(map(str, reserved)) if reserved else ''

    def body_text(self, body, fields='fields', reserved='reserved'):
        return '{ %s%s }' % (' '.join(self.field_text(field) for field in body[fields]),
                             self.reserved_text(body[reserved]))

    def text(self, rng):
        parts = []
        for enum in self.enums:
            parts.append('%s%s %s : %s { %s%s }' % (
                'flexible ' if enum['flexible'] else '', 'flags' if enum['is_flags'] else 'enum',
                enum['name'], enum['type'],
                ' '.join('%s = %d;' % tuple(member) for member in enum['members']),
                self.reserved_text(enum['reserved'])))
        for struct in self.structs:
            parts.append('struct %s { %s }' % (struct['name'], ' '.join(
                '%s%s %s;' % (kind, '[%d]' % count if count else '', name)
                for kind, name, count in struct['members'])))
        for group in self.groups:
            parts.append('group %s %s' % (group['name'], self.body_text(group)))
        for constant in self.constants:
            parts.append('const u32 %s = %d;' % (constant['name'], constant['value']))
        for interface in self.interfaces:
            commands = ['use %s;' % name for name in interface['uses']]
            for command in interface['commands']:
                head = '%s = %d%s' % (command['name'], command['number'],
                                      ' replay safe' if command['safe'] else '')
                request = self.body_text(command, 'request', 'request_reserved')
                response = self.body_text(command, 'response', 'response_reserved')
                commands.append('oneway %s %s' % (head, request) if command['oneway'] else
                                'command %s {\n\t\trequest %s\n\t\tresponse %s\n\t}' %
                                (head, request, response))
            parts.append('interface %s id %d {\n\t%s\n%s}' % (
                interface['name'], interface['id'], '\n\t'.join(commands),
                self.reserved_text(interface['reserved'])))
        rng.shuffle(parts)
        return 'library example.random version %d;\n\n%s\n' % (self.version, '\n\n'.join(parts))


# Changes.  Each gets the new schema, and returns (tier, whom it breaks, texts in the message), or None
# if the schema has nothing to change in this way.

def pick(rng, schema, is_union=False, fits=lambda field: True):
    found = [(body, field) for body in schema.bodies() if is_union in (None, body[3])
             for field in body[1] if fits(field)]
    return rng.choice(found) if found else (None, None)


def item(body, field):
    return "%s, %s %d '%s':" % (body[0], 'member' if body[3] else 'item', field['number'],
                                field['name'])


def free_number(rng, fields):
    return rng.choice([n for n in range(31, 60) if n not in [f['number'] for f in fields]])


def nothing(rng, schema):
    return 'compatible', None, None


def field_type(rng, schema):
    body, field = pick(rng, schema, None, lambda f: f['type'] in SCALARS)
    if not field or field['presence'] == 'default':
        return None
    before = field['type']
    field['type'] = rng.choice([name for name in SCALARS if name != before])
    return 'wire', BOTH, [item(body, field), before, field['type']]


def field_to_text(rng, schema):
    body, field = pick(rng, schema, None, lambda f: f['type'] in SCALARS and not f['shape'] and
                       f['presence'] != 'default')
    if not field:
        return None
    field['type'], field['bounds'] = 'bytes', [0, 8]
    return 'wire', BOTH, [item(body, field), 'bytes<8>']


def field_number(rng, schema):
    body, field = pick(rng, schema, None)
    before = field['number']
    field['number'] = free_number(rng, body[1])
    return 'wire', BOTH, [item(body, field), 'the number was %d' % before]


def field_name(rng, schema):
    body, field = pick(rng, schema, None, lambda f: f['type'] != 'union')
    before = field['name']
    field['name'] = 'renamed'
    return 'source', set(), [item(body, field), "'%s'" % before]


def required_to_optional(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['presence'] == 'required')
    if not field:
        return None
    field['presence'] = 'optional'
    return 'wire', {OLD}, [item(body, field), 'required', 'optional']


def optional_to_required(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['presence'] == 'optional')
    if not field:
        return None
    field['presence'] = 'required'
    return 'wire', {NEW}, [item(body, field), 'required', 'optional']


def default_changed(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['presence'] == 'default')
    if not field:
        return None
    before = field['default']
    field['default'] = before + rng.randint(1, 9)
    return 'wire', BOTH, [item(body, field), str(before), str(field['default'])]


def default_to_optional(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['presence'] == 'default')
    if not field:
        return None
    field['presence'] = 'optional'
    return 'wire', BOTH, [item(body, field), 'by default', 'optional']


def text_shrinks(rng, schema):
    body, field = pick(rng, schema, None, lambda f: 'bounds' in f)
    if not field:
        return None
    side = rng.randint(0, 1)
    field['bounds'][side] += (1, -1)[side]
    return 'wire', {NEW}, [item(body, field), 'length']


def text_grows(rng, schema):
    body, field = pick(rng, schema, None, lambda f: 'bounds' in f)
    if not field:
        return None
    side = rng.randint(0, 1)
    field['bounds'][side] += (-1, 1)[side]
    return 'addition', set(), [item(body, field), 'length']


def list_shrinks(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['shape'] == 'list')
    if not field:
        return None
    field['count'] -= 1
    return 'wire', {NEW}, [item(body, field), str(field['count'])]


def list_grows(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['shape'] == 'list')
    if not field:
        return None
    field['count'] += 1
    return 'addition', set(), [item(body, field), str(field['count'])]


def array_changed(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['shape'] == 'array')
    if not field:
        return None
    field['count'] += rng.choice([-1, 1])
    return 'wire', BOTH, [item(body, field), '[%d]' % field['count']]


def array_to_list(rng, schema):
    body, field = pick(rng, schema, False,
                       lambda f: f['shape'] == 'array' and f['presence'] == 'required')
    if not field:
        return None
    field['shape'], field['presence'] = 'list', 'list'
    return 'wire', {OLD}, [item(body, field), '[%d]' % field['count'], '[..%d]' % field['count']]


def list_to_one(rng, schema):
    body, field = pick(rng, schema, False, lambda f: f['shape'] == 'list')
    if not field:
        return None
    field['shape'], field['presence'] = '', 'optional'
    return 'wire', {NEW}, [item(body, field), '[..%d]' % field['count']]


def added(rng, schema, presence):
    body = rng.choice([body for body in schema.bodies() if not body[3]])
    field = {'number': free_number(rng, body[1]), 'name': 'added', 'type': 'u32', 'shape': '',
             'presence': presence, 'default': rng.choice([0, 5]), 'count': 3}
    if presence == 'list':
        field['shape'] = 'list'
    body[1].insert(rng.randint(0, len(body[1])), field)
    return body, field


def field_added(rng, schema):
    body, field = added(rng, schema, rng.choice(['optional', 'default', 'list']))
    return 'addition', set(), [item(body, field), 'new']


def required_added(rng, schema):
    body, field = added(rng, schema, 'required')
    return 'wire', {NEW}, [item(body, field), 'new', 'required']


def reserved_used(rng, schema):
    body, field = added(rng, schema, 'optional')
    field['number'] = body[2].pop()
    return 'wire', set(), [item(body, field), 'reserved']


def reserved_dropped(rng, schema):
    body = rng.choice(schema.bodies())
    number = body[2].pop(rng.randrange(len(body[2])))
    return 'wire', set(), [body[0] + ':', ' %d is not reserved' % number]


def field_removed(rng, schema):
    body, field = pick(rng, schema, False)
    body[1].remove(field)
    body[2].append(field['number'])
    if field['presence'] == 'required':
        return 'wire', {OLD}, [item(body, field), 'gone']
    return 'source', set(), [item(body, field), 'gone']


def field_removed_unreserved(rng, schema):
    body, field = pick(rng, schema, False)
    body[1].remove(field)
    breaks = {OLD} if field['presence'] == 'required' else set()
    return 'wire', breaks, [item(body, field), 'gone', 'not reserved']


def union_member_added(rng, schema):
    body, field = pick(rng, schema, True)
    if not field:
        return None
    more = schema.field(free_number(rng, body[1]), True)
    body[1].append(more)
    return 'wire', {OLD}, [item(body, more), 'new']


def union_member_removed(rng, schema):
    body, field = pick(rng, schema, True)
    if not field:
        return None
    body[1].remove(field)
    body[2].append(field['number'])
    return 'wire', {NEW}, [item(body, field), 'gone']


def link_changed(rng, schema):
    body, field = pick(rng, schema, None, lambda f: f['type'].startswith('link'))
    others = [i['name'] for i in schema.interfaces if field and 'link<%s>' % i['name'] != field['type']]
    if not others:
        return None
    before, field['type'] = field['type'], 'link<%s>' % rng.choice(others)
    return 'wire', BOTH, [item(body, field), before, field['type']]


def link_to_any(rng, schema):
    body, field = pick(rng, schema, None, lambda f: f['type'].startswith('link'))
    if not field:
        return None
    field['type'] = 'link'
    return 'wire', {OLD}, [item(body, field)]


def struct_member_added(rng, schema):
    struct = rng.choice(schema.structs)
    struct['members'].append(['u64', 'added', 0])
    return 'wire', BOTH, ["%s, member 'added':" % struct['name'], 'new']


def struct_member_removed(rng, schema):
    struct = rng.choice(schema.structs)
    name = struct['members'].pop()[1]
    return 'wire', BOTH, ["%s, member '%s':" % (struct['name'], name), 'gone']


def struct_member_type(rng, schema):
    struct = rng.choice(schema.structs)
    member = rng.choice(struct['members'])
    if member[0] not in SCALARS:
        return None
    before = member[0]
    member[0] = rng.choice([name for name in SCALARS if name != before])
    return 'wire', BOTH, ["%s, member '%s':" % (struct['name'], member[1]), before, member[0]]


def struct_member_renamed(rng, schema):
    struct = rng.choice(schema.structs)
    member = rng.choice(struct['members'])
    before, member[1] = member[1], 'renamed'
    return 'source', set(), ["%s, member 'renamed':" % struct['name'], "'%s'" % before]


def struct_renamed(rng, schema):
    struct = rng.choice(schema.structs)
    return renamed(rng, schema, struct, 'struct')


def group_renamed(rng, schema):
    return renamed(rng, schema, rng.choice(schema.groups), 'group')


def enum_renamed(rng, schema):
    enum = rng.choice(schema.enums)
    return renamed(rng, schema, enum, 'flags' if enum['is_flags'] else 'enum')


def renamed(rng, schema, thing, noun):
    before, thing['name'] = thing['name'], 'Renamed'
    is_used = False
    for body in schema.bodies():
        for field in body[1]:
            if field['type'] == before:
                field['type'] = 'Renamed'
                is_used = True
    for struct in schema.structs:
        for member in struct['members']:
            if member[0] == before:
                member[0] = 'Renamed'
                is_used = True
    if not is_used:
        return None
    return 'source', set(), ['Renamed: the %s was called' % noun, "'%s'" % before]


def enum_member(enum, member):
    return "%s, %s %d '%s':" % (enum['name'], 'bit' if enum['is_flags'] else 'value', member[1],
                                member[0])


def enum_member_added(rng, schema):
    enum = rng.choice(schema.enums)
    member = ['ADDED', rng.choice([n for n in range(7) if n not in [m[1] for m in enum['members']]])]
    enum['members'].append(member)
    if enum['flexible']:
        return 'addition', set(), [enum_member(enum, member), 'new']
    return 'wire', {OLD}, [enum_member(enum, member), 'new']


def enum_member_removed(rng, schema):
    enum = rng.choice(schema.enums)
    member = rng.choice(enum['members'])
    enum['members'].remove(member)
    enum['reserved'].append(member[1])
    if enum['flexible']:
        return 'source', set(), [enum_member(enum, member), 'gone']
    return 'wire', {NEW}, [enum_member(enum, member), 'gone']


def enum_reserved_used(rng, schema):
    enum = rng.choice(schema.enums)
    member = ['ADDED', enum['reserved'].pop()]
    enum['members'].append(member)
    return 'wire', set() if enum['flexible'] else {OLD}, [enum_member(enum, member), 'reserved']


def enum_member_renamed(rng, schema):
    enum = rng.choice(schema.enums)
    member = rng.choice(enum['members'])
    before, member[0] = member[0], 'RENAMED'
    return 'source', set(), [enum_member(enum, member), "'%s'" % before]


def enum_type(rng, schema):
    enum = rng.choice(schema.enums)
    if any(member[0] == enum['name'] for struct in schema.structs for member in struct['members']):
        return None
    before = enum['type']
    enum['type'] = rng.choice([name for name in ('u8', 'u16', 'u32', 'u64') if name != before])
    return 'wire', BOTH, [enum['name'] + ':', before, enum['type']]


def enum_flexible(rng, schema):
    enum = rng.choice(schema.enums)
    enum['flexible'] = not enum['flexible']
    if enum['flexible']:
        return 'source', set(), [enum['name'] + ':', 'flexible']
    return 'wire', {NEW}, [enum['name'] + ':', 'strict']


def any_command(rng, schema, fits=lambda command: True):
    found = [(interface, command) for interface in schema.interfaces
             for command in interface['commands'] if fits(command)]
    return rng.choice(found) if found else (None, None)


def command_text(interface, command):
    return "%s, command %d '%s':" % (interface['name'], command['number'], command['name'])


def command_added(rng, schema):
    interface = rng.choice(schema.interfaces)
    command = schema.command(interface)
    interface['commands'].append(command)
    return 'addition', set(), [command_text(interface, command), 'new']


def command_removed(rng, schema):
    interface, command = any_command(rng, schema)
    interface['commands'].remove(command)
    interface['reserved'].append(command['number'])
    return 'wire', {NEW}, [command_text(interface, command), 'gone']


def command_number(rng, schema):
    interface, command = any_command(rng, schema)
    before, command['number'] = command['number'], rng.randint(40, 60)
    return 'wire', BOTH, [command_text(interface, command), 'the number was %d' % before]


def command_renamed(rng, schema):
    interface, command = any_command(rng, schema)
    before, command['name'] = command['name'], 'renamed'
    return 'source', set(), [command_text(interface, command), "'%s'" % before]


def direction(rng, schema):
    interface, command = any_command(rng, schema)
    command['oneway'] = not command['oneway']
    return 'wire', BOTH, [command_text(interface, command), 'oneway']


def replay_weaker(rng, schema):
    interface, command = any_command(rng, schema, lambda command: command['safe'])
    if not command:
        return None
    command['safe'] = False
    return 'wire', {NEW}, [command_text(interface, command), 'replay safe']


def replay_stronger(rng, schema):
    interface, command = any_command(rng, schema, lambda command: not command['safe'])
    if not command:
        return None
    command['safe'] = True
    return 'addition', set(), [command_text(interface, command), 'replay safe']


def interface_id(rng, schema):
    interface = rng.choice(schema.interfaces)
    before, interface['id'] = interface['id'], rng.randint(100, 127)
    return 'wire', BOTH, [interface['name'] + ':', str(before), str(interface['id'])]


def interface_added(rng, schema):
    schema.interfaces.append({'name': 'Added', 'id': rng.randint(50, 60), 'commands': [],
                              'reserved': [], 'uses': []})
    return 'addition', set(), ['Added:', 'interface', 'new']


def interface_removed(rng, schema):
    used = [f['type'] for body in schema.bodies() for f in body[1]]
    free = [i for i in schema.interfaces if 'link<%s>' % i['name'] not in used]
    if not free:
        return None
    interface = rng.choice(free)
    schema.interfaces.remove(interface)
    return 'wire', {NEW}, [interface['name'] + ':', 'interface', 'gone']


def use_added(rng, schema):
    if len(schema.interfaces) < 2:
        return None
    one, other = rng.sample(schema.interfaces, 2)
    one['uses'].append(other['name'])
    return 'addition', set(), [one['name'] + ':', 'uses ' + other['name']]


def constant_changed(rng, schema):
    constant = rng.choice(schema.constants)
    constant['value'] += 100
    return 'source', set(), [constant['name'] + ':', str(constant['value'])]


def constant_removed(rng, schema):
    constant = rng.choice(schema.constants)
    schema.constants.remove(constant)
    return 'source', set(), [constant['name'] + ':', 'gone']


def group_added(rng, schema):
    schema.groups.append({'name': 'Added', 'fields': schema.fields(), 'reserved': []})
    return 'addition', set(), ['Added:', 'group', 'new']


CHANGES = [change for name, change in sorted(globals().items()) if callable(change) and
           getattr(change, '__code__', None) and
           change.__code__.co_varnames[:change.__code__.co_argcount] == ('rng', 'schema')]


def judge(lwlc, old_path, new_path, expected, has_risen):
    """What is wrong with the verdict, or None."""
    tier, breaks, texts = expected
    if tier == 'addition':
        tier = 'compatible' if has_risen else 'version'
    done = subprocess.run([lwlc, 'diff', '--verbose', '--format=json', old_path, new_path],
                          capture_output=True)
    wanted = {'compatible': 0, 'wire': 1, 'source': 3, 'version': 4}[tier]
    if done.returncode != wanted:
        return 'exit code %d instead of %d\n%s%s' % (done.returncode, wanted,
                                                     done.stdout.decode(), done.stderr.decode())
    result = json.loads(done.stdout)
    changes = result['changes']
    if result['verdict'] != tier:
        return 'verdict %s instead of %s' % (result['verdict'], tier)
    if texts is None:
        return 'changes where there are none' if changes else None
    if len(changes) != 1:
        return '%d changes instead of one: %s' % (len(changes), json.dumps(changes, indent=1))
    change = changes[0]
    if change['tier'] != tier or set(change['breaks']) != breaks:
        return 'breaks %s instead of %s: %s' % (change['breaks'], breaks, change['message'])
    missing = [text for text in texts if text not in change['message']]
    return '%s not in: %s' % (missing, change['message']) if missing else None


def main():
    lwlc, scratch = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 8 * len(CHANGES)
    paths = [os.path.join(scratch, name) for name in ('old.lwl', 'new.lwl')]
    tried = {}
    for number in range(seed, seed + count):
        change = CHANGES[number % len(CHANGES)]
        for attempt in range(20):
            rng = random.Random(number * 100 + attempt)
            old = Schema(rng)
            new = copy.deepcopy(old)
            new.rng = rng
            expected = change(rng, new)
            if expected:
                break
        else:
            sys.exit('FAIL seed %d: nothing to do for %s' % (number, change.__name__))
        has_risen = rng.random() < 0.5
        new.version += has_risen
        for path, schema in zip(paths, (old, new)):
            with open(path, 'w') as out:
                out.write(schema.text(rng))
        problem = judge(lwlc, paths[0], paths[1], expected, has_risen)
        if problem:
            print('FAIL seed %d, %s: %s' % (number, change.__name__, problem))
            print(open(paths[0]).read() + '\n----\n' + open(paths[1]).read())
            sys.exit(1)
        tried[change.__name__] = tried.get(change.__name__, 0) + 1
    print(sum(tried.values()))


main()
