// What a published validator says of forms: reads lines {schema, cases: [[value, fits]…]}, prints where it disagrees.
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";

// Strict: a keyword that is neither JSON Schema's nor one of ours is an error.
const ajv = new Ajv({ strict: true, strictTypes: false, validateFormats: false });
ajv.addVocabulary(["x-kind", "x-currency", "x-currency-from", "x-from", "x-labels", "x-order", "x-reasons"]);

for await (const line of createInterface({ input: process.stdin })) {
  const { schema, cases } = JSON.parse(line);
  const validate = ajv.compile(schema);
  for (const [value, fits] of cases) {
    if (validate(value) !== fits) console.log(JSON.stringify({ schema, value, fits, errors: validate.errors }));
  }
  console.log("read");
}
