/**
 * Validators of bodies and serialisers of responses, compiled for the first request that needs them:
 * compiling all of them takes a third of a start, and most processes never need half of them.
 */
import createAjvFactory from '@fastify/ajv-compiler';
import createSerializerFactory from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { AJV_OPTIONS, type Formats } from './request/validation.ts';

/** A faulty schema throws on its first use; test/openapi compiles all schemas. */
export function createValidatorCompiler(formats: Formats): FastifySchemaCompiler<unknown> {
  const compilerOf = once(() =>
    createAjvFactory()({}, { customOptions: { ...AJV_OPTIONS, formats } }),
  );
  return ({ schema }) => {
    // A route definition, which the library's types call a schema.
    const validatorOf = once(() => compilerOf()({ schema }));
    const validate: ReturnType<FastifySchemaCompiler<unknown>> = (data) => {
      const validator = validatorOf();
      const isValid = validator(data) === true;
      validate.errors = validator.errors ?? null;
      return isValid;
    };
    return validate;
  };
}

export function createSerializerCompiler(): FastifySerializerCompiler<unknown> {
  const compilerOf = once(() => createSerializerFactory()({}, {}));
  return ({ httpStatus = '200', ...route }) => {
    const serializerOf = once(() => compilerOf()({ ...route, httpStatus }));
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
