import { createRouter, createWebHashHistory, type Router } from 'vue-router';

/** Addresses live behind the #, so that neither host needs to know them. Every view is loaded with its first use. */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/runs' },
      { path: '/new', component: () => import('./views/NewRunView.vue') },
      { path: '/runs', component: () => import('./views/RunsView.vue') },
      { path: '/runs/:id', component: () => import('./views/RunView.vue'), props: true },
      {
        path: '/compare',
        component: () => import('./views/CompareView.vue'),
        props: ({ query }) => ({ ids: typeof query.ids === 'string' ? query.ids.split(',').filter(Boolean) : [] }),
      },
      {
        path: '/report',
        component: () => import('./views/ReportView.vue'),
        props: ({ query }) => ({
          runIds: typeof query.runs === 'string' ? query.runs.split(',').filter(Boolean) : [],
          studyId: typeof query.study === 'string' && query.study !== '' ? query.study : null,
        }),
      },
      { path: '/studies', component: () => import('./views/StudiesView.vue') },
      { path: '/studies/new', component: () => import('./views/NewStudyView.vue') },
      { path: '/studies/:id', component: () => import('./views/StudyView.vue'), props: true },
      { path: '/paper', component: () => import('./views/PaperView.vue') },
      { path: '/paper/figure-3', component: () => import('./views/ToyView.vue') },
      { path: '/learning-rate', component: () => import('./views/LearningRateView.vue') },
      { path: '/queue', component: () => import('./views/QueueView.vue') },
      { path: '/datasets', component: () => import('./views/DatasetsView.vue') },
      { path: '/datasets/import', component: () => import('./views/ImportView.vue') },
      { path: '/models', component: () => import('./views/ModelsView.vue') },
      { path: '/devices', component: () => import('./views/DevicesView.vue') },
      { path: '/settings', component: () => import('./views/SettingsView.vue') },
      { path: '/:rest(.*)*', component: () => import('./views/NotFoundView.vue') },
    ],
  });
}
