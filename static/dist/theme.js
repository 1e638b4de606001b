// Applies the remembered theme before the first paint. src/state/theme.ts writes it.
(function () {
  try {
    var theme = localStorage.getItem('countersign.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (e) {
    // Storage is blocked: the system's preference decides.
  }
})();
