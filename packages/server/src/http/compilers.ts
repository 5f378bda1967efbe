/**
 * Validators of bodies and serialisers of responses, compiled for the first request that needs them:
 * compiling all of them takes a third of a start, and most processes never need half of them. The
 * servers of a process share them, because they depend on nothing but the schema and the formats.
 */
import createAjvFactory from '@fastify/ajv-compiler';
import createSerializerFactory from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { AJV_OPTIONS, type Formats } from './request/validation.ts';

const validatorsOf = oncePer((formats: Formats) => {
  const compile = createAjvFactory()({}, { customOptions: { ...AJV_OPTIONS, formats } });
  return oncePer((schema: object) => compile({ schema }));
});

const serializers = once(() => {
  const compile = createSerializerFactory()({}, {});
  // All that the library asks of a route is its schema.
  return oncePer((schema: object) => compile({ schema, method: '', url: '', httpStatus: '' }));
});

/** A faulty schema throws on its first use; test/openapi compiles all schemas. */
export function createValidatorCompiler(formats: Formats): FastifySchemaCompiler<object> {
  return ({ schema }) => {
    const validatorOf = once(() => validatorsOf(formats)(schema));
    const validate: ReturnType<FastifySchemaCompiler<object>> = (data) => {
      const validator = validatorOf();
      const isValid = validator(data) === true;
      validate.errors = validator.errors ?? null;
      return isValid;
    };
    return validate;
  };
}

export function createSerializerCompiler(): FastifySerializerCompiler<object> {
  return ({ schema }) => {
    const serializerOf = once(() => serializers()(schema));
    return (data) => serializerOf()(data);
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Remembers for as long as the argument lives. */
function oncePer<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, { readonly value: T }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}
