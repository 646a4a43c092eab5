// Stands for styles and pictures.
module.exports = () => 'export default {};';
