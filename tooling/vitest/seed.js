import fc from "fast-check";

// Properties try the same cases in every run, so that a failure in one place is a failure in all. FC_SEED tries others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_122) });
