// The README's quick start, on the module.
import { Keys, Verifier } from "./countermark.mjs";

const keys = new Keys({ capacity: 1 }).addSecret("HS256", "a secret of at least thirty-two bytes");
const verifier = new Verifier([keys], { audiences: ["https://api.example"] });
const token = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9.Bhz3uM33ZOz3QDEpKfO3zC2rsGIyDtlLHMSoBaUBS6Y";
console.log(verifier.verify(token).claims);
