/**
 * Whether a reply may go to this subject. Answering anywhere else would let a caller make a service publish on
 * subjects that the caller itself may not use.
 */
export const isReplySubject = (subject: string, inboxRoot = '_INBOX'): boolean =>
  subject.startsWith(`${inboxRoot}.`) && subject.length > inboxRoot.length + 1 && !/[*>\s]/.test(subject);
