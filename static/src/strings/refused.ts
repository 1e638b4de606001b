/** Every English word on the tab. */
export const refused = {
  title: 'Refused',
  unseen: 'not seen yet',
};
