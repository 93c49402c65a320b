import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "build", "src/api/generated"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js", "deploy/chart/files/*.mjs"] },
      },
    },
    rules: {
      complexity: ["error", 12],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    // A describe block is a table of contents, not a function.
    files: ["**/*.test.ts", "**/*.suite.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    // A script that runs as it is, in the controller's image.
    files: ["deploy/chart/files/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { console: "readonly", fetch: "readonly", process: "readonly" },
    },
  },
  {
    // Import arrows go one way; the two programs never meet but in the plan.
    files: ["src/launcher/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["@kubernetes/*"], message: "It costs 76 MiB; the launcher must stay small." },
            {
              group: ["**/controller/**", "**/kube/**"],
              message: "The launcher meets the controller only in src/launch-plan.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["src/controller/**", "src/kube/**", "src/api/**", "src/launch-plan/**", "src/guest-config/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/launcher/**"],
              message: "The controller meets the launcher only in src/launch-plan.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["src/nestctl/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/launcher/**", "**/controller/**"],
              message: "nestctl meets the other programs in the API, src/guest-config and src/launch-plan.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.js"],
    ...tseslint.configs.disableTypeChecked,
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "no-undef": "off",
    },
  },
  prettier,
);
