// Stands for styles and pictures in tests.
module.exports = { __esModule: true, default: () => null };
