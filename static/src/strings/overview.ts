/** Every English word on the tab. */
export const overview = {
  title: 'Overview',
};
