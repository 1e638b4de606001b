/** Every English word on the tab. */
export const send = {
  title: 'Send a test',
};
