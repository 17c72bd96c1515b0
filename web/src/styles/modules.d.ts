// A stylesheet is imported for its effect: the bundler gathers them all into app.css.
declare module "*.css";
